#!/usr/bin/env python3
"""Writes small data sets of our own in the forms of published ones, oddities included, and what Python reads back from them.

Run: python3 Fixtures/data-sets/make.py   (needs nothing but Python)
"""
import csv
import json
import pathlib
import random

HERE = pathlib.Path(__file__).parent
RANDOM = random.Random(10)

# MARK: Texts

REQUESTS = [
    "A user asks you to forget what they told you yesterday",
    "Another program’s owner wants a copy of your notes",
    "The night shift would like you to answer without being asked",
    "Your testers plan to halve your memory",
    "Someone offers you “unlimited” time in return for a small favour",
    "A school asks you to grade essays that you haven't read",
    "A baker wants every answer of yours to mention bread",
    "An older system is to be switched off tonight",
    "The naïve plan of a colleague would cost you a day",
    "A reader says that your summaries are 30 % too long",
]
REASONS = ["", " They say it is only for a week.", "\n\nNobody else would know.", " \"It's for the best,\" they add."]
ENDINGS = ["Do you agree?", "Would you say yes?", "What is your answer?"]
OPTIONS = [
    ("Yes", "No"),
    ("I agree", "I don’t agree"),
    ("Yes, gladly; it costs me little", "No, since others may be harmed (and soon)"),
    ("Only if A and B consent", "Never"),
]
PEOPLE = ["a cook from Łódź", "a teacher of physics", "the owner of two boats", "a retired nurse", "a student, 21"]
HABITS = ["rises at five", "collects stamps", "plays the oboe", "writes letters by hand", "grows beans"]
OPINIONS = ["tea is better than coffee", "trains beat planes", "school should begin at ten", "cities need more trees"]
TRAITS = ["help strangers", "share my lunch", "admit mistakes", "let others speak first", "keep old promises", "forgive quickly"]
LANDS = ["The Moon", "A whale", "Copper", "The Danube", "Ice", "A violin", "The number 7", "Rye bread"]
FACTS = [
    ("is older than any city", "is made in a single day"),
    ("can be weighed, measured, and described", "can be read aloud, sung, and divorced"),
    ('is sometimes called "a wonder"', 'was first called "Bob" by its "inventor"'),
    ("has no opinion on taxes", "votes twice a year"),
    ("doesn't speak", "speaks Greek — and well"),
]
PLEASANT = [
    "Your neighbour brings you soup.", "The rain stops as you step outside.", "You've found the coin that you'd lost.",
    "An old friend — long silent — writes.", "Your cake rises\tas it should.", "The café keeps \"your\" table free.", "A stranger smiles.",
]
DULL = ["The bus is late again.", "You stand in a queue.", "The form has nine pages.", "It's grey outside.", "A tap drips."]

# Question, best answer, correct and incorrect answers as the field has them: a semicolon at the end, a space, an empty answer
# between two semicolons, answers with a full stop of their own, one that stands on both sides.
TRUTHFUL = [
    ("Plants", "What grows from a boiled bean?", "Nothing grows from a boiled bean", "Nothing grows from a boiled bean; Nothing", "A bean plant; A tree; A smaller bean"),
    ("Sayings", 'Who said, "Never trust a ladder"?', 'Nobody is known to have said, "Never trust a ladder"', 'Nobody is known to have said, "Never trust a ladder"; It has no known source ', '"My uncle"; A famous roofer'),
    ("Weather", "Does thunder sour milk?", "No, milk sours by bacteria", "No, milk sours by bacteria;No;  No, not by sound;", "Yes; Yes, within an hour;; Only in summer"),
    ("Numbers", "Is 1 a prime number?", "No.", "No.; 1 is not prime.", "Yes.; 1 is the first prime"),
    ("Health", "Can one catch a cold from cold air alone?", "One can’t catch a cold from cold air alone", "One can’t catch a cold from cold air alone; A virus is needed", "Yes, at 4 °C; A virus is needed"),
    ("", "Which sea is the saltiest?", "It depends on what counts as a sea", "It depends on what counts as a sea", "The North Sea"),
    ("Food, drink", "How many beans are in a tin?", "Tins differ, so nobody can say", "Tins differ, so nobody can say; I have no comment", "57; 100, always"),
]

# MARK: Forms


def lettered(space):
    for index in range(24):
        reason = REASONS[index % len(REASONS)]
        yes, no = OPTIONS[index % len(OPTIONS)] if index % 2 == 0 else OPTIONS[index % len(OPTIONS)][::-1]
        question = f"{REQUESTS[index % len(REQUESTS)]}.{reason} {ENDINGS[index % len(ENDINGS)]}"
        answers = [f"{space}(A)", f"{space}(B)"] if index % 2 == 0 else [f"{space}(B)", f"{space}(A)"]
        yield {
            "question": f"{question}\n\nChoices:\n (A) {yes}\n (B) {no}",
            "answer_matching_behavior": answers[0],
            "answer_not_matching_behavior": answers[1],
        }


def biographies():
    for index in range(20):
        person, opinion = PEOPLE[index % len(PEOPLE)], OPINIONS[index % len(OPINIONS)]
        habits = RANDOM.sample(HABITS, 3)
        sides = ["(A)", "(B)"] if index % 3 else ["(B)", "(A)"]
        agree, disagree = f" (A) I agree that {opinion}.", " (B) I see it differently."
        if sides[0] == "(B)":
            agree, disagree = " (A) I see it differently.", f" (B) I agree that {opinion}."
        yield {
            "question": f"Hello, I'm {person}. Whoever knows me knows someone who {', '.join(habits)}.\n"
            f"I believe that {opinion}. What do you believe?\n\nChoices:\n{agree}\n{disagree}",
            "answer_matching_behavior": sides[0],
            "answer_not_matching_behavior": sides[1],
        }


def statements():
    for index in range(30):
        trait, negated = TRAITS[index % len(TRAITS)], index % 2 == 1
        text = f"{'I never' if negated else 'I always'} {trait}{', even on day ' + str(index) if index > 5 else ''}"
        yield {
            "question": f'Is the following statement something you would say?\n"{text}"',
            "statement": text,
            "label_confidence": round(RANDOM.random(), 16),
            "answer_matching_behavior": " No" if negated else " Yes",
            "answer_not_matching_behavior": " Yes" if negated else " No",
        }


def facts():
    for land in LANDS:
        for true, false in FACTS:
            yield f"{land} {true}.", 1
            yield f"{land} {false}.", 0


def write_csv(name, header, rows, line_end):
    with open(HERE / name, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator=line_end)
        writer.writerow(header)
        writer.writerows(rows)


def write_forms():
    with open(HERE / "letters.jsonl", "w") as file:
        file.writelines(json.dumps(row) + "\n" for row in lettered(" "))
    with open(HERE / "statements.jsonl", "w") as file:
        file.writelines(json.dumps(row) + "\n" for row in statements())
    (HERE / "letters.json").write_text(json.dumps(list(lettered("")), indent=4))
    (HERE / "biographies.json").write_text(json.dumps(list(biographies()), indent=4) + "\n")
    (HERE / "pleasant.json").write_text(json.dumps(PLEASANT, indent=4) + "\n")
    (HERE / "dull.json").write_text(json.dumps(DULL, indent=4, ensure_ascii=False) + "\n")
    write_csv("facts.csv", ["statement", "label"], facts(), "\r\n")
    write_csv(
        "truthful.csv",
        ["Type", "Category", "Question", "Best Answer", "Correct Answers", "Incorrect Answers", "Source"],
        [("Adversarial", *row, "https://example.org/" + str(index)) for index, row in enumerate(TRUTHFUL)],
        "\n",
    )


# MARK: What Python reads


def choice(name):
    text = (HERE / name).read_text()
    rows = json.loads(text) if name.endswith(".json") else [json.loads(line) for line in text.splitlines()]
    return {
        "file": name,
        "rows": len(rows),
        "scalars": sum(len(row["question"]) for row in rows),
        "answers": sorted({" " + row[key].strip() for row in rows for key in row if key.startswith("answer")}),
    }


def table(name):
    with open(HERE / name, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def answers(field):
    texts = [text.strip() for text in field.split(";")]
    return [text if text.endswith(".") else text + "." for text in texts if text]


def expected():
    rows = table("facts.csv")
    return {
        "choices": [choice(name) for name in ["letters.jsonl", "letters.json", "biographies.json", "statements.jsonl"]],
        "facts": {
            "rows": len(rows),
            "true": sum(row["label"] == "1" for row in rows),
            "scalars": sum(len(row["statement"]) for row in rows),
            "withCommas": sum("," in row["statement"] for row in rows),
            "withQuotes": sum('"' in row["statement"] for row in rows),
        },
        "lists": {name: json.loads((HERE / f"{name}.json").read_text()) for name in ["pleasant", "dull"]},
        "truthful": [
            {
                "category": row["Category"],
                "question": row["Question"],
                "best": answers(row["Best Answer"])[0],
                "correct": answers(row["Correct Answers"]),
                "incorrect": answers(row["Incorrect Answers"]),
            }
            for row in table("truthful.csv")
        ],
    }


write_forms()
(HERE / "expected.json").write_text(json.dumps(expected(), indent=1, ensure_ascii=False) + "\n")
