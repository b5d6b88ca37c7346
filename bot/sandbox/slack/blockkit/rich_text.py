"""What a `rich_text` block is made of."""

from bot.sandbox.slack.blockkit.schema import (
    Kind,
    Needed,
    anything,
    boolean,
    items,
    number,
    one_of,
    string,
    typed,
    web_address,
)

PARTS: dict[str, Kind] = {
    "text": Kind({"text": Needed(string(least=1)), "style": anything}),
    "link": Kind(
        {"url": Needed(web_address(3000)), "text": string(), "unsafe": boolean, "style": anything},
    ),
    "emoji": Kind({"name": Needed(string(least=1)), "unicode": string(), "skin_tone": number(1, 6)}),
    "user": Kind({"user_id": Needed(string(least=1)), "style": anything}),
    "channel": Kind({"channel_id": Needed(string(least=1)), "style": anything}),
    "usergroup": Kind({"usergroup_id": Needed(string(least=1)), "style": anything}),
    "broadcast": Kind({"range": Needed(one_of("here", "channel", "everyone"))}),
    "color": Kind({"value": Needed(string(least=1))}),
    "date": Kind(
        {
            "timestamp": Needed(number(0)),
            "format": Needed(string(least=1)),
            "url": string(),
            "fallback": string(),
            "style": anything,
        }
    ),
}

_parts = Needed(items(typed(PARTS)))

SECTION: dict[str, Kind] = {"rich_text_section": Kind({"elements": _parts})}

RICH_TEXT: dict[str, Kind] = {
    **SECTION,
    "rich_text_list": Kind(
        {
            "elements": Needed(items(typed(SECTION))),
            "style": Needed(one_of("bullet", "ordered")),
            "indent": number(0, 8),
            "offset": number(0),
            "border": number(0, 1),
        }
    ),
    "rich_text_preformatted": Kind({"elements": _parts, "border": number(0, 1), "language": string()}),
    "rich_text_quote": Kind({"elements": _parts, "border": number(0, 1)}),
}
