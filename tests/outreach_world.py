"""What a small plan says about personal contacts, and a sheet that fits it."""

TEMPLATES = {
    "call_preparation_sheet": {
        "fields": [
            {"key": "options_to_offer", "type": "list", "required": True, "label": {"en": "Options to offer"}},
            {"key": "red_lines", "type": "list", "required": True, "label": {"en": "Red lines"}},
            {"key": "history", "type": "text", "required": False, "label": {"en": "History"}},
        ]
    }
}
SHEET = {"options_to_offer": "wait\ncancel", "red_lines": ["no date"]}
