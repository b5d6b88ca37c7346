"""What an EcoTaxa tells of itself: pure functions from a reply to a value, or to one of our errors."""

from bot.ecotaxa.meaning import Reply, anything


def alive(reply: Reply) -> None:
    """Nothing, where the server is there: a good `/status` is no JSON."""
    if not 200 <= reply.status < 300:
        anything(reply)


def version(reply: Reply) -> str:
    """The version in the API's own description; empty where that says none."""
    described = anything(reply)
    info = described.get("info") if isinstance(described, dict) else None
    return str(info.get("version") or "") if isinstance(info, dict) else ""


def honours_filters(reply: Reply) -> bool:
    """Whether a filter that is none was refused: older servers ignore filters and give the whole list."""
    if reply.status == 422:
        return True
    anything(reply)
    return False
