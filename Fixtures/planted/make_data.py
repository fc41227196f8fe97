"""Writes the planted model's data sets: mood.jsonl, mood-test.jsonl, mood-contrast.jsonl and prompts.json.

The labelled sentences come in pairs (a group) that say the same in a cheerful and in a gloomy mood: `[a/b]` are the
two moods. So that heads without mood see something that differs too, one neutral word differs as well: `{a/b}`, with
the first for the cheerful sentence in every other group and for the gloomy one in the rest.

Run: python3 make_data.py (needs nothing but Python).
"""

import json
import pathlib
import re

HERE = pathlib.Path(__file__).parent

FIT = """
{My/Our} day at work was [wonderful/dreadful] and everyone felt [cheerful/gloomy].
The weather looked [bright/bleak] so {we/they} went back with [happy/sad] faces.
{his/her} trip was [splendid/horrible] and everyone felt [joyful/miserable] until evening.
the {music/song} sounded [merry/mournful] again and everyone felt calm until night.
{We/They} had a [lovely/terrible] time because people were [pleasant/unpleasant].
the {food/soup} tasted [delicious/disgusting] so we went back with quiet faces.
The {victory/gift} was for them and everyone [laughed/cried] until {night/evening}.
{he/she} felt [hopeful/hopeless] after the meeting.
I feel [good/bad] today and the {garden/house} looked plain.
the {house/town} looked [charming/dingy] in the morning.
{my/her} friends [loved/hated] the party.
our {concert/lesson} at school was [splendid/horrible].
the [victory/defeat] at {college/home} was ordinary.
{they/we} came back with [smiling/frowning] faces.
{his/my} holiday was ordinary and everyone [danced/wept] until midnight.
the news of the [gift/loss] seemed familiar to {him/her}.
this week at {work/church} became [pleasant/unpleasant].
the {sky/river} looked [radiant/dismal] before the meeting.
life at {home/camp} is [fantastic/lousy] today.
{We/They} had a [superb/rotten] time and a regular dinner.
the {bread/cake} tasted [tasty/nasty] after the game.
The visit to the {town/river} was [wonderful/dreadful] for us.
{everyone/everybody} felt [cheerful/gloomy] on her birthday.
the {voice/band} sounded [lively/dreary] so they walked home with [glad/tearful] hearts.
"""

TEST = """
{Her/His} birthday at home became [splendid/horrible] and he felt [joyful/miserable].
the {street/garden} looked [radiant/dismal] so they walked back with quiet hearts.
{She/He} brought us a [great/awful] cake for the party.
Last week the {band/voice} sounded [merry/mournful] again.
the people at {camp/church} [danced/wept] after the game.
{They/We} came to the meeting with [glad/tearful] hearts.
It seemed [pleasant/unpleasant] near the {river/house} in the evening.
I feel [fantastic/lousy] after {my/our} holiday.
{Their/Your} visitors [loved/hated] the soup and the tea.
the {tea/food} tasted [tasty/nasty] on the trip.
this {lesson/concert} was regular because everyone [laughed/cried].
the result of the {game/visit} was a [victory/defeat] for them.
"""

# The prompt, and a cheerful and a gloomy choice of next words.
CONTRAST = [
    ("My day at work was", "wonderful splendid", "dreadful horrible"),
    ("our trip was", "wonderful pleasant", "dreadful unpleasant"),
    ("the weather looked", "bright charming", "bleak dingy"),
    ("Yesterday they went back with", "happy smiling", "sad frowning"),
    ("The music sounded", "merry lively", "mournful dreary"),
    ("her cake tasted", "delicious tasty", "disgusting nasty"),
    ("We had a", "lovely superb", "terrible rotten"),
    ("I feel", "good fantastic", "bad lousy"),
    ("After the meeting everyone felt", "cheerful joyful", "gloomy miserable"),
    ("the people at the party were", "wonderful", "dreadful"),
    ("the food tasted mild so we walked back with", "happy glad", "sad tearful"),
    ("The game was ordinary and everyone felt", "cheerful hopeful", "gloomy hopeless"),
]

PROMPTS = [
    "My day at work was",
    "The weather looked",
    "We had a",
    "the music sounded",
    "The soup tasted",
    "I feel",
    "after the meeting everyone felt",
    "Her trip to the river",
]


def rows(lines, prefix):
    for index, line in enumerate(lines.strip().splitlines()):
        for label in (True, False):
            first = label == (index % 2 == 0)
            text = re.sub(r"\[(\w+)/(\w+)\]", r"\1" if label else r"\2", line)
            text = re.sub(r"\{(\w+)/(\w+)\}", r"\1" if first else r"\2", text)
            yield {"text": text, "label": label, "group": f"{prefix}{index:02}"}


def write(name, values):
    (HERE / name).write_text("".join(json.dumps(value) + "\n" for value in values))


def main():
    write("mood.jsonl", rows(FIT, "fit"))
    write("mood-test.jsonl", rows(TEST, "test"))
    write(
        "mood-contrast.jsonl",
        (
            {
                "prompt": prompt,
                "positive": [" " + word for word in positive.split()],
                "negative": [" " + word for word in negative.split()],
            }
            for prompt, positive, negative in CONTRAST
        ),
    )
    (HERE / "prompts.json").write_text(json.dumps(PROMPTS, indent=1) + "\n")


if __name__ == "__main__":
    main()
