"""Settings are read once and refused with one line that names the setting and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from intake.config import Settings, SettingsError

SOUND = {
    "INTAKE_PUBLIC_URL": "https://intake.example.org",
    "INTAKE_TRUSTED_HOSTS": "intake.example.org",
    "INTAKE_TWO_FACTOR": "optional",
}
LOOPBACK = {"INTAKE_ALLOW_PLAIN_HTTP": "loopback", "INTAKE_TRUSTED_HOSTS": "127.0.0.1", "INTAKE_TWO_FACTOR": "optional"}


def test_production_is_the_default_and_a_sound_one_is_accepted():
    settings = Settings.from_environment(SOUND)
    assert not settings.tryout
    assert settings.rate_limit
    assert settings.secure_cookies
    assert settings.clinic_timezone.key == "UTC"
    assert settings.trusted_hosts == ("intake.example.org",)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"INTAKE_PUBLIC_URL": ""}, "INTAKE_PUBLIC_URL"),
        ({"INTAKE_PUBLIC_URL": "http://intake.example.org"}, "INTAKE_PUBLIC_URL"),
        ({"INTAKE_PUBLIC_URL": "intake.example.org"}, "INTAKE_PUBLIC_URL"),
        ({"INTAKE_PUBLIC_URL": "https://x.example.org/sub"}, "INTAKE_PUBLIC_URL"),
        ({"INTAKE_PUBLIC_URL": "https://x.example.org:port"}, "INTAKE_PUBLIC_URL"),
        ({"INTAKE_TRUSTED_HOSTS": " , "}, "INTAKE_TRUSTED_HOSTS"),
        ({"INTAKE_TWO_FACTOR": "no"}, "INTAKE_TWO_FACTOR"),
        ({"INTAKE_RATE_LIMIT": "0"}, "INTAKE_RATE_LIMIT"),
        ({"INTAKE_RATE_LIMIT": "yes"}, "INTAKE_RATE_LIMIT"),
        ({"INTAKE_ENV": "debug"}, "INTAKE_ENV"),
        ({"INTAKE_PROXY_HOPS": "-1"}, "INTAKE_PROXY_HOPS"),
        ({"INTAKE_PROXY_HOPS": "²"}, "INTAKE_PROXY_HOPS"),
        ({"INTAKE_CLINIC_TIMEZONE": "Europe/Nowhere"}, "INTAKE_CLINIC_TIMEZONE"),
        ({"INTAKE_CLINIC_TIMEZONE": "../../etc/passwd"}, "INTAKE_CLINIC_TIMEZONE"),
        ({"INTAKE_CLINIC_COUNTRY": "England"}, "INTAKE_CLINIC_COUNTRY"),
        ({"INTAKE_CLINIC_NAME": "two\nlines"}, "INTAKE_CLINIC_NAME"),
        ({"INTAKE_CLINIC_CONSENT_FILE": "/there/is/none"}, "INTAKE_CLINIC_CONSENT_FILE"),
        ({"INTAKE_GTPAL_VIABILITY_WEEKS": "19"}, "INTAKE_GTPAL_VIABILITY_WEEKS"),
        ({"INTAKE_GTPAL_VIABILITY_WEEKS": "29"}, "INTAKE_GTPAL_VIABILITY_WEEKS"),
        ({"INTAKE_GTPAL_VIABILITY_WEEKS": "20.5"}, "INTAKE_GTPAL_VIABILITY_WEEKS"),
        ({"INTAKE_DRAFT_DAYS": "0"}, "INTAKE_DRAFT_DAYS"),
        ({"INTAKE_SUMMARY_GTPAL_LINE": "no"}, "INTAKE_SUMMARY_GTPAL_LINE"),
        ({"INTAKE_SUMMARY_MEDICAL_REASONS": "2"}, "INTAKE_SUMMARY_MEDICAL_REASONS"),
        ({"INTAKE_SUMMARY_INFECTION_NAMES": "true"}, "INTAKE_SUMMARY_INFECTION_NAMES"),
        ({"INTAKE_CLINIC_CRISIS_LINE": "ours on [0800 1]"}, "INTAKE_CLINIC_CRISIS_LINE"),
        ({"INTAKE_INSTANCE": __file__}, "INTAKE_INSTANCE"),
    ],
)
def test_a_setting_that_will_not_do_is_refused_in_one_line_that_names_it(change: dict[str, str], named: str):
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment(SOUND | change)
    assert str(refused.value).startswith(named + ":")
    assert "\n" not in str(refused.value)


def test_plain_http_is_for_this_machine_only():
    settings = Settings.from_environment(LOOPBACK, bind="127.0.0.1")
    assert not settings.secure_cookies
    with pytest.raises(SettingsError, match="--host"):
        Settings.from_environment(LOOPBACK, bind="0.0.0.0")


@pytest.mark.parametrize("bind", ["127.0.0.1", "::1", "localhost"])
def test_production_without_a_rate_limit_is_for_this_machine_only(bind: str):
    off = LOOPBACK | {"INTAKE_RATE_LIMIT": "0"}
    assert not Settings.from_environment(off, bind=bind).rate_limit
    with pytest.raises(SettingsError):
        Settings.from_environment(off, bind="192.0.2.7")


def test_everything_that_is_wrong_can_be_listed_at_once():
    settings = Settings.from_environment({"INTAKE_RATE_LIMIT": "0"}, serving=False)
    assert [line.partition(":")[0] for line in settings.refusals("192.0.2.7")] == [
        "INTAKE_PUBLIC_URL",
        "INTAKE_TRUSTED_HOSTS",
        "INTAKE_RATE_LIMIT",
    ]


@pytest.mark.parametrize(("settings", "asked"), [({}, "required"), ({"INTAKE_TWO_FACTOR": "optional"}, "optional")])
def test_a_second_factor_is_required_unless_it_is_said_to_be_optional(settings: dict[str, str], asked: str):
    sound = {name: value for name, value in SOUND.items() if name != "INTAKE_TWO_FACTOR"}
    assert Settings.from_environment(sound | settings).two_factor == asked
    assert Settings.from_environment({"INTAKE_ENV": "tryout"}).two_factor == "optional"


@pytest.mark.parametrize("bind", ["0.0.0.0", "::", "192.0.2.7", "intake.example.org"])
def test_a_try_out_is_served_on_this_machine_only(bind: str):
    with pytest.raises(SettingsError, match="a try-out is served on this machine only"):
        Settings.from_environment({"INTAKE_ENV": "tryout"}, bind=bind)


def test_every_setting_has_a_line_in_the_docs():
    lines = (Path(__file__).parents[2] / "docs/settings.md").read_text(encoding="utf-8").splitlines()
    documented = {line.split("`")[1] for line in lines if line.startswith("| `")}
    assert documented == Settings.names()


def test_a_try_out_asks_for_nothing():
    settings = Settings.from_environment({"INTAKE_ENV": "tryout"})
    assert settings.tryout
    assert not settings.rate_limit
    assert settings.database_url == f"sqlite:///{Path('instance').absolute() / 'intake.sqlite3'}"
