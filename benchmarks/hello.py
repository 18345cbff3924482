"""A Flask page that says hello: what a web framework costs before anything is done in it."""

from flask import Flask

app = Flask(__name__)


@app.get("/")
def hello() -> str:
    """All that there is."""
    return "Hello"
