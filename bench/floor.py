"""The floor: the least that a correct Flask + Flask-WTF + WTForms app does for the same pages.

CSRF, validation, one durable sqlite3 commit a page, 303, each page rendered with WTForms widgets. It asks the questions
that one patient is asked, in order, and knows neither conditions nor encryption, sessions in the database, nor a trail.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import threading
from pathlib import Path
from typing import Any

from flask import Flask, abort, redirect, render_template_string, session, url_for
from flask_wtf import CSRFProtect, FlaskForm
from werkzeug.wrappers import Response
from wtforms import IntegerField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from bench.patient import FORM, pages_asked
from intake.questionnaire.model import Item, ItemType
from intake.records.database import journal_mode

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{{ title }}</title></head><body>
<main><h1>{{ title }}</h1>
<form action="" method="post" novalidate>{{ form.hidden_tag() }}
{% for name, fields in questions %}<div data-link-id="{{ name }}">
{% for field in fields %}{{ field.label }}{% for error in field.errors %}<p>{{ error }}</p>{% endfor %}{{ field }}
{% endfor %}</div>
{% endfor %}<button data-action="{{ action }}">Continue</button></form></main></body></html>"""
DONE = "<!doctype html><title>Done</title><p data-reference>{{ reference }}</p>"


class Ticks(SelectMultipleField):
    """Several options as tick boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def fields_of(item: Item) -> dict[str, Any]:
    """The controls of one question, named as ours are."""
    need: list[Any] = [InputRequired()] if item.required else [Optional()]
    choices = [(option.code, option.display) for option in item.options]
    other = [("other", "Something else")] if item.type is ItemType.OPEN_CHOICE else []
    own = {f"{item.link_id}.other": StringField("In your own words", [Optional(), Length(max=200)])} if other else {}
    reasons = [
        *([("asked-unknown", "I don't know")] if item.unknown else []),
        *([("asked-declined", "I'd rather not say")] if item.decline else []),
    ]
    absent = {f"{item.link_id}.absent": RadioField("Or", [Optional()], choices=reasons)} if reasons else {}
    match item.type:
        case ItemType.BOOLEAN:
            return {item.link_id: Ticks(item.text, [DataRequired()], choices=[("true", item.text)])}
        case ItemType.INTEGER:
            limits = NumberRange(int(item.minimum or 0), int(item.maximum or 99))
            return {item.link_id: IntegerField(item.text, [*need, limits])} | absent
        case ItemType.DATE:
            return {
                f"{item.link_id}.{part}": IntegerField(part, [Optional()]) for part in ("day", "month", "year")
            } | absent
        case ItemType.STRING:
            return {item.link_id: StringField(item.text, [*need, Length(max=item.max_length or -1)])} | absent
        case ItemType.TEXT:
            return {item.link_id: TextAreaField(item.text, [*need, Length(max=item.max_length or -1)])} | absent
        case _ if item.repeats:
            return {item.link_id: Ticks(item.text, need, choices=[*choices, *other])} | own
        case _:
            return {item.link_id: RadioField(item.text, need, choices=[*choices, *other])} | own


class Store:
    """One table, one connection a thread, each save a durable commit."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.local = threading.local()
        self.connection.execute("CREATE TABLE IF NOT EXISTS answers (id TEXT PRIMARY KEY, said TEXT NOT NULL)")

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's connection, opened as ours are."""
        if not hasattr(self.local, "connection"):
            self.local.connection = sqlite3.connect(self.path, timeout=10)
            self.local.connection.execute(f"PRAGMA journal_mode={journal_mode(sqlite3.sqlite_version_info)}")
            self.local.connection.execute("PRAGMA synchronous=FULL")
        connection: sqlite3.Connection = self.local.connection
        return connection

    def load(self, id: str) -> dict[str, Any]:
        """What was said so far."""
        row = self.connection.execute("SELECT said FROM answers WHERE id = ?", (id,)).fetchone()
        return json.loads(row[0]) if row else {}

    def save(self, id: str, said: dict[str, Any]) -> None:
        """Keep it."""
        with self.connection as connection:
            connection.execute(
                "INSERT INTO answers VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET said = excluded.said",
                (id, json.dumps(said)),
            )


def create_app(folder: Path) -> Flask:
    """The app, its database in a folder."""
    app = Flask("floor")
    app.secret_key = "the same for all processes of one run"  # noqa: S105 - guards nothing
    CSRFProtect(app)
    store = Store(folder / "floor.sqlite3")
    pages = [(page.text, [(item.link_id, fields_of(item)) for item in items]) for page, items in pages_asked()]
    forms = [
        type("PageForm", (FlaskForm,), {name: field for _, fields in asked for name, field in fields.items()})
        for _, asked in pages
    ]

    @app.route("/", methods=["GET", "POST"])
    def start() -> str | Response:
        form = FlaskForm()
        if form.validate_on_submit():
            session["id"] = secrets.token_hex(16)
            store.save(session["id"], {})
            return redirect(url_for("page", number=0), 303)
        return render_template_string(PAGE, title="Start", form=form, questions=(), action="start")

    @app.route(f"/{FORM}/<int:number>", methods=["GET", "POST"])
    def page(number: int) -> str | Response:
        if number >= len(pages) or "id" not in session:
            abort(404)
        said = store.load(session["id"])
        form = forms[number](data=said)
        if form.validate_on_submit():
            store.save(session["id"], said | {name: value for name, value in form.data.items() if name != "csrf_token"})
            last = number + 1 == len(pages)
            return redirect(url_for("done") if last else url_for("page", number=number + 1), 303)
        title, asked = pages[number]
        questions = [(name, [form[field] for field in fields]) for name, fields in asked]
        return render_template_string(
            PAGE,
            title=title,
            form=form,
            questions=questions,
            action="submit" if number + 1 == len(pages) else "continue",
        )

    @app.get("/done")
    def done() -> str:
        return render_template_string(DONE, reference=session["id"])

    return app
