"""Text objects, options, and every element that may stand in a block."""

from typing import Any

from bot.sandbox.slack.blockkit.schema import (
    Check,
    Findings,
    Kind,
    Needed,
    Rule,
    anything,
    boolean,
    items,
    just_one_of,
    number,
    one_of,
    ordered,
    record,
    string,
    typed,
    web_address,
)


def plain(most: int) -> Check:
    """A `plain_text` object of 1 to `most` characters."""
    return typed({"plain_text": Kind({"text": Needed(string(most, 1)), "emoji": boolean})})


def words(most: int) -> Check:
    """A `plain_text` or `mrkdwn` object of 1 to `most` characters."""
    return typed(
        {
            "plain_text": Kind({"text": Needed(string(most, 1)), "emoji": boolean}),
            "mrkdwn": Kind({"text": Needed(string(most, 1)), "verbatim": boolean}),
        }
    )


ID = string(255)
"""A block_id, action_id or callback_id."""

CONFIRM = record(
    {
        "title": Needed(plain(100)),
        "text": Needed(words(300)),
        "confirm": plain(30),
        "deny": plain(30),
        "style": one_of("primary", "danger"),
    }
)

OPTION = record(
    {
        "text": Needed(plain(75)),
        "value": Needed(string(150)),
        "description": plain(75),
    }
)

# Only where all options are drawn at once may their text be mrkdwn.
DRAWN_OPTION = record(
    {
        "text": Needed(words(75)),
        "value": Needed(string(150)),
        "description": words(75),
    }
)

OVERFLOW_OPTION = record(
    {
        "text": Needed(plain(75)),
        "value": Needed(string(150)),
        "description": plain(75),
        "url": web_address(3000),
    }
)

OPTION_GROUP = record({"label": Needed(plain(75)), "options": Needed(items(OPTION, 1, 100))})

SLACK_FILE = record({"id": string(), "url": string()}, just_one_of("id", "url"))


def _options(element: dict[str, Any]) -> list[Any]:
    groups = element.get("option_groups", [])
    return [*element.get("options", []), *(option for group in groups for option in group.get("options", []))]


def initial_among_options(field: str) -> Rule:
    """What is chosen at first is, to the letter, one of the options."""

    def rule(element: dict[str, Any], where: str, findings: Findings) -> None:
        initial = element.get(field)
        chosen = initial if isinstance(initial, list) else [initial] if initial is not None else []
        options = _options(element)
        if any(option not in options for option in chosen):
            findings.add(f"{field} must exactly match one of the options", f"{where}/{field}")

    return rule


COMMON = {"action_id": ID, "confirm": CONFIRM}
SELECT = {**COMMON, "placeholder": plain(150), "focus_on_load": boolean}
MANY = {**SELECT, "max_selected_items": number(1)}
TYPED = {
    "action_id": ID,
    "placeholder": plain(150),
    "focus_on_load": boolean,
    "dispatch_action_config": record(
        {"trigger_actions_on": Needed(items(one_of("on_enter_pressed", "on_character_entered"), 1, 2))}
    ),
}
STATIC_OPTIONS = {"options": items(OPTION, 1, 100), "option_groups": items(OPTION_GROUP, 1, 100)}
CONVERSATIONS = {
    "default_to_current_conversation": boolean,
    "filter": record(
        {
            "include": items(one_of("im", "mpim", "private", "public"), 1),
            "exclude_external_shared_channels": boolean,
            "exclude_bot_users": boolean,
        }
    ),
}

ELEMENTS: dict[str, Kind] = {
    "image": Kind(
        {
            "alt_text": Needed(string(2000)),
            "image_url": web_address(3000),
            "slack_file": SLACK_FILE,
        },
        (just_one_of("image_url", "slack_file"),),
    ),
    "button": Kind(
        {
            **COMMON,
            "text": Needed(plain(75)),
            "value": string(2000),
            "url": web_address(3000),
            "style": one_of("primary", "danger"),
            "accessibility_label": string(75),
        }
    ),
    "workflow_button": Kind(
        {
            "action_id": ID,
            "text": Needed(plain(75)),
            "workflow": Needed(anything),
            "style": one_of("primary", "danger"),
            "accessibility_label": string(75),
        }
    ),
    "overflow": Kind({**COMMON, "options": Needed(items(OVERFLOW_OPTION, 1, 5))}),
    "static_select": Kind(
        {**SELECT, **STATIC_OPTIONS, "initial_option": OPTION},
        (just_one_of("options", "option_groups"), initial_among_options("initial_option")),
    ),
    "multi_static_select": Kind(
        {**MANY, **STATIC_OPTIONS, "initial_options": items(OPTION, 1, 100)},
        (just_one_of("options", "option_groups"), initial_among_options("initial_options")),
    ),
    "external_select": Kind({**SELECT, "initial_option": OPTION, "min_query_length": number(0)}),
    "multi_external_select": Kind(
        {**MANY, "initial_options": items(OPTION, 1, 100), "min_query_length": number(0)}
    ),
    "users_select": Kind({**SELECT, "initial_user": string()}),
    "multi_users_select": Kind({**MANY, "initial_users": items(string())}),
    "conversations_select": Kind(
        {**SELECT, **CONVERSATIONS, "initial_conversation": string(), "response_url_enabled": boolean}
    ),
    "multi_conversations_select": Kind({**MANY, **CONVERSATIONS, "initial_conversations": items(string())}),
    "channels_select": Kind({**SELECT, "initial_channel": string(), "response_url_enabled": boolean}),
    "multi_channels_select": Kind({**MANY, "initial_channels": items(string())}),
    "checkboxes": Kind(
        {
            **COMMON,
            "options": Needed(items(DRAWN_OPTION, 1, 10)),
            "initial_options": items(DRAWN_OPTION, 1, 10),
            "focus_on_load": boolean,
        },
        (initial_among_options("initial_options"),),
    ),
    "radio_buttons": Kind(
        {
            **COMMON,
            "options": Needed(items(DRAWN_OPTION, 1, 10)),
            "initial_option": DRAWN_OPTION,
            "focus_on_load": boolean,
        },
        (initial_among_options("initial_option"),),
    ),
    "datepicker": Kind({**SELECT, "initial_date": string(10, 10)}),
    "timepicker": Kind({**SELECT, "initial_time": string(5, 5), "timezone": string()}),
    "datetimepicker": Kind({**COMMON, "initial_date_time": number(0), "focus_on_load": boolean}),
    "plain_text_input": Kind(
        {
            **TYPED,
            "initial_value": string(3000),
            "multiline": boolean,
            "min_length": number(0, 3000),
            "max_length": number(1, 3000),
        },
        (ordered("min_length", "max_length"),),
    ),
    "email_text_input": Kind({**TYPED, "initial_value": string()}),
    "url_text_input": Kind({**TYPED, "initial_value": string()}),
    "number_input": Kind(
        {
            **TYPED,
            "is_decimal_allowed": Needed(boolean),
            "initial_value": string(),
            "min_value": string(),
            "max_value": string(),
        }
    ),
    "rich_text_input": Kind({**TYPED, "initial_value": anything}),
    "file_input": Kind({"action_id": ID, "filetypes": items(string()), "max_files": number(1, 10)}),
    "feedback_buttons": Kind(
        {
            "action_id": ID,
            "positive_button": Needed(
                record(
                    {
                        "text": Needed(plain(75)),
                        "value": Needed(string(2000)),
                        "accessibility_label": string(75),
                    }
                )
            ),
            "negative_button": Needed(
                record(
                    {
                        "text": Needed(plain(75)),
                        "value": Needed(string(2000)),
                        "accessibility_label": string(75),
                    }
                )
            ),
        }
    ),
    "icon_button": Kind(
        {
            **COMMON,
            "icon": Needed(string(least=1)),
            "text": Needed(plain(75)),
            "value": string(2000),
            "accessibility_label": string(75),
            "visible_to_user_ids": items(string(), 0, 10),
        }
    ),
    "url": Kind({"url": Needed(web_address(3000)), "text": Needed(string()), "icon_url": string()}),
}

IN_SECTION = {
    "button",
    "checkboxes",
    "channels_select",
    "conversations_select",
    "datepicker",
    "external_select",
    "image",
    "multi_channels_select",
    "multi_conversations_select",
    "multi_external_select",
    "multi_static_select",
    "multi_users_select",
    "overflow",
    "radio_buttons",
    "static_select",
    "timepicker",
    "users_select",
    "workflow_button",
}
IN_ACTIONS = {
    "button",
    "checkboxes",
    "channels_select",
    "conversations_select",
    "datepicker",
    "datetimepicker",
    "external_select",
    "overflow",
    "radio_buttons",
    "static_select",
    "timepicker",
    "users_select",
    "workflow_button",
}
IN_INPUT = {
    "checkboxes",
    "channels_select",
    "conversations_select",
    "datepicker",
    "datetimepicker",
    "email_text_input",
    "external_select",
    "file_input",
    "multi_channels_select",
    "multi_conversations_select",
    "multi_external_select",
    "multi_static_select",
    "multi_users_select",
    "number_input",
    "plain_text_input",
    "radio_buttons",
    "rich_text_input",
    "static_select",
    "timepicker",
    "url_text_input",
    "users_select",
}

CONTEXT_ELEMENTS: dict[str, Kind] = {
    "image": ELEMENTS["image"],
    "plain_text": Kind({"text": Needed(string(3000, 1)), "emoji": boolean}),
    "mrkdwn": Kind({"text": Needed(string(3000, 1)), "verbatim": boolean}),
}
