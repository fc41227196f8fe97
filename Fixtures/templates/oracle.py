"""The environment in which Hugging Face transformers renders chat templates, with a clock that stands still."""

import json
from datetime import datetime

import jinja2
import jinja2.ext
import jinja2.nodes
import jinja2.sandbox

NOW = datetime(2025, 3, 7, 9, 5, 3)


class GenerationTag(jinja2.ext.Extension):
    """{% generation %}…{% endgeneration %}, whose body is rendered as a macro's is."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        call = self.call_method("_render")
        return jinja2.nodes.CallBlock(call, [], [], body).set_lineno(line)

    def _render(self, caller):
        return caller()


class Namespace(jinja2.utils.Namespace):
    def __init__(*args, **kwargs):
        self, args = args[0], args[1:]
        attributes = dict(*args, **kwargs)
        for name in attributes:
            Namespace.check(name)
        jinja2.utils.Namespace.__init__(self, attributes)

    def __setitem__(self, name, value):
        Namespace.check(name)
        jinja2.utils.Namespace.__setitem__(self, name, value)

    @staticmethod
    def check(name):
        if isinstance(name, str) and name.startswith("_"):
            raise jinja2.exceptions.SecurityError(name)


class Raised(jinja2.exceptions.TemplateError):
    """What raise_exception raises."""


def raise_exception(message):
    raise Raised(message)


def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(
        value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys
    )


def environment():
    env = jinja2.sandbox.ImmutableSandboxedEnvironment(
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[GenerationTag, jinja2.ext.loopcontrols, jinja2.ext.do],
    )
    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = NOW.strftime
    env.globals["namespace"] = Namespace
    return env


ENVIRONMENT = environment()


def render(source, variables):
    """{"output": text} or {"error": kind, "message": text, "line": number or None}."""
    try:
        return {"output": ENVIRONMENT.from_string(source).render(**variables)}
    except Exception as error:
        return {"error": kind(error), "message": str(error), "line": line(error)}


def kind(error):
    if isinstance(error, Raised):
        return "raisedByTemplate"
    if isinstance(error, jinja2.exceptions.TemplateRuntimeError) and "named" in str(error):
        return "syntax"  # An unknown filter or test, found late.
    for name, classes in {
        "undefinedValue": jinja2.exceptions.UndefinedError,
        "forbidden": jinja2.exceptions.SecurityError,
        "evaluation": (jinja2.exceptions.TemplateRuntimeError, jinja2.exceptions.FilterArgumentError),
        "syntax": (jinja2.exceptions.TemplateSyntaxError, SyntaxError),
        "limitExceeded": (RecursionError, MemoryError),
    }.items():
        if isinstance(error, classes):
            return name
    if isinstance(error, TypeError) and "Undefined" in str(error) and "JSON" not in str(error):
        return "undefinedValue"
    if isinstance(error, OverflowError) and "Range too big" in str(error):
        return "limitExceeded"
    return "evaluation"


def line(error):
    if isinstance(error, jinja2.exceptions.TemplateSyntaxError):
        return error.lineno
    found = None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            found = trace.tb_lineno
        trace = trace.tb_next
    return found
