"""Conversations and options in the shapes that real chat templates meet."""

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Current weather of a place <b>& \"more\"</b>",
        "parameters": {
            "type": "object",
            "properties": {
                "city": {"type": "string", "description": "Name of the town, e.g. Kraków"},
                "days": {"type": ["integer", "null"], "default": 1},
                "unit": {"type": "string", "enum": ["°C", "°F"]},
                "tags": {"type": "array", "items": {"type": "string"}},
            },
            "required": ["city"],
        },
        "return": {"type": "number", "description": "degrees"},
    },
}
CLOCK = {
    "type": "function",
    "function": {"name": "clock", "description": "The time", "parameters": {"type": "object", "properties": {}}},
}


def system(text):
    return {"role": "system", "content": text}


def user(text):
    return {"role": "user", "content": text}


def assistant(text, **more):
    return {"role": "assistant", "content": text, **more}


def call(name, arguments, identifier="abcdefghi"):
    return {"id": identifier, "type": "function", "function": {"name": name, "arguments": arguments}}


ONE = [user("What is the capital of France?")]
SYSTEM = [system("  Answer briefly.\n"), user(" Hi there \n")]
TURNS = [system("You are kind."), user("Hello"), assistant("Hi! How are you?"), user("Fine.\n\nYou?")]
LONG = [user("One"), assistant("Two"), user("Three"), assistant("Four"), user("Five"), assistant("Six")]
TOOL_TURNS = [
    system("Use tools."),
    user("Weather in Kraków?"),
    {"role": "assistant", "content": "", "tool_calls": [call("get_weather", {"city": "Kraków", "days": 2, "scale": 1.5})]},
    {"role": "tool", "name": "get_weather", "content": '{"t": 21.5}', "tool_call_id": "abcdefghi"},
    assistant("It is 21.5 °C."),
    user("Thanks"),
]
TWO_CALLS = [
    user("Weather and time?"),
    {
        "role": "assistant",
        "content": "Let me look.",
        "tool_calls": [call("get_weather", {"city": "Oslo"}), call("clock", {}, "ihgfedcba")],
    },
    {"role": "tool", "content": "rain", "tool_call_id": "abcdefghi"},
    {"role": "tool", "content": "12:00", "tool_call_id": "ihgfedcba"},
]
TEXT_ARGUMENTS = [
    user("Weather?"),
    {"role": "assistant", "content": "", "tool_calls": [call("get_weather", '{"city": "Bonn"}')]},
    {"role": "tool", "content": {"t": [1, 2.0, None, True]}, "tool_call_id": "abcdefghi"},
]
THINKING = [
    user("2+2?"),
    assistant("<think>\nTwo and two.\n</think>\n\n4"),
    user("3+3?"),
    assistant("6", reasoning_content="\nThree and three.\n"),
]
UNICODE = [
    system("Réponds en français ; 用中文也行。"),
    user("e\u0301 é 👩‍👩‍👧 \u00a0\u2028 العربية\ttab \\n {{ not }} {% code %} <|im_end|> </s>"),
    assistant("\u3000ok\u3000"),
    user("𝒳 ẞ ŉ"),
]
EDGES = [user(""), assistant(""), user("\n"), assistant("</think>"), user("<tool_response>x</tool_response>")]
SWITCHES = [system("Be quick. /no_think"), user("Go")]


def tell(messages, **options):
    base = {"messages": messages, "tools": None, "documents": None, "add_generation_prompt": True}
    tokens = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
    return {**base, **tokens, **options}


def all_variables():
    """(title, variables) of every case."""
    yield "one question", tell(ONE)
    yield "one question, no prompt", tell(ONE, add_generation_prompt=False)
    yield "system and spaces", tell(SYSTEM)
    yield "turns", tell(TURNS)
    yield "turns, no prompt", tell(TURNS, add_generation_prompt=False)
    yield "long, no prompt", tell(LONG, add_generation_prompt=False)
    yield "two users in a row", tell([user("a"), user("b")])
    yield "assistant first", tell([assistant("a"), user("b")])
    yield "unknown role", tell([user("a"), {"role": "critic", "content": "b"}])
    yield "system twice", tell([system("a"), system("b"), user("c")])
    yield "no messages", tell([])
    yield "no content", tell([{"role": "user"}])
    yield "null content", tell([user("a"), assistant(None)])
    yield "content in parts", tell([user([{"type": "text", "text": "Look: "}, {"type": "image"}])])
    yield "unicode", tell(UNICODE)
    yield "edges", tell(EDGES)
    yield "edges, no prompt", tell(EDGES, add_generation_prompt=False)
    yield "thinking", tell(THINKING)
    yield "thinking off", tell(THINKING, enable_thinking=False)
    yield "thinking on, no prompt", tell(THINKING, enable_thinking=True, add_generation_prompt=False)
    yield "switch in the system prompt", tell(SWITCHES)
    yield "thinking off, system", tell(SYSTEM, enable_thinking=False)
    yield "tools offered", tell(TURNS, tools=[WEATHER, CLOCK])
    yield "tools offered, not to the user", tell(TURNS, tools=[WEATHER], tools_in_user_message=False)
    yield "tools without messages", tell([], tools=[CLOCK])
    yield "tools empty", tell(ONE, tools=[])
    yield "tools used", tell(TOOL_TURNS, tools=[WEATHER])
    yield "tools used, none offered", tell(TOOL_TURNS, add_generation_prompt=False)
    yield "two calls", tell(TWO_CALLS, tools=[WEATHER, CLOCK])
    yield "arguments as text", tell(TEXT_ARGUMENTS, tools=[WEATHER])
    yield "call with a bad id", tell([user("a"), assistant("", tool_calls=[call("clock", {}, "short")])], tools=[CLOCK])
    yield "date given", tell(SYSTEM, date_string="1 Jan 2000")
    yield "tools left out", {key: value for key, value in tell(SYSTEM).items() if key != "tools"}
    yield "built-in tools", tell(SYSTEM, builtin_tools=["code_interpreter", "search", "wolfram"])
    yield "built-in tool used", tell(
        [user("a"), assistant("", tool_calls=[call("search", {"query": "x", "n": "3"})])], builtin_tools=["search"]
    )
    yield "custom tools", tell(SYSTEM, custom_tools=[CLOCK])
    yield "answers in answers", tell([{**user("a"), "replies": [{**user("b"), "replies": ONE}, user("c")]}])
