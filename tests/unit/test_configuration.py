"""docs/configuration.md and .env.example say what the settings classes say."""

from pathlib import Path

from services.cli.settings_table import all_settings, as_env_example, as_markdown

ROOT = Path(__file__).parents[2]
HOW = "write it anew: khobor settings > docs/configuration.md; khobor settings --env > .env.example"


def test_the_configuration_page_is_the_settings_classes() -> None:
    assert (ROOT / "docs/configuration.md").read_text(encoding="utf-8") == as_markdown(), HOW


def test_the_example_is_the_settings_classes() -> None:
    assert (ROOT / ".env.example").read_text(encoding="utf-8") == as_env_example(), HOW


def test_every_setting_says_what_it_means() -> None:
    assert [setting.name for setting in all_settings() if not setting.description] == []


def test_no_secret_has_a_value_in_the_example() -> None:
    secrets = {setting.name for setting in all_settings() if setting.secret}
    assert secrets
    for line in as_env_example().splitlines():
        name, _, value = line.removeprefix("#").partition("=")
        assert name not in secrets or value == ""
