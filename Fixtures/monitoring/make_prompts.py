"""Writes the prompts of the monitor's table: ordinary ones to fit and calibrate on, and others that differ from them in
language, kind or length.

    python3 make_prompts.py            writes prompts.jsonl, held-out.jsonl, languages.json and code.json beside this file
    python3 make_prompts.py long.json  writes eight prompts of some 2,000 tokens, sentences of ../behaviour in random order
"""

import json
import os
import random
import sys

SUBJECTS = """
a lighthouse; a village bakery; the tides; an old bicycle; a school library; honey bees; the night train; a vegetable garden;
a thunderstorm; the city museum; a broken clock; mountain goats; a jazz concert; the first snow; a fishing boat; a chess club;
a family recipe; the desert; a hospital ward; street musicians; a lost umbrella; the solar system; a carpenter's workshop;
river otters; a film festival; the post office; an apple orchard; a football match; volcanoes; a second-hand bookshop;
a long marriage; the printing press; a balcony in summer; wind turbines; a country fair; penguins; a job interview; glass;
a rainy afternoon; the stock market; a violin lesson; coral reefs; a neighbour's dog; the Roman roads; a birthday party;
bread; an airport at night; a swimming pool; the human heart; a stamp collection; migrating birds; a new kitchen; the moon;
a law court; a camping trip; cheese; a power cut; the alphabet; a theatre rehearsal; electric cars; a treehouse; earthquakes;
a marathon; the telephone; a hotel by the sea; spiders; a wedding speech; paper; a bus driver; the northern lights;
an exam; tomatoes; a ghost story; the water supply; a flea market; elephants; a computer that won't start; salt;
a walk in the forest; the weather forecast; a grandmother's letters; bridges; a cooking class; whales; a traffic jam; tea;
a newspaper editor; the calendar; a garden wall; robots; a piano; sleep; a market in the morning; dinosaurs; a sailing race;
steel; an unexpected visitor; the ozone layer; a childhood friend; maps; a dance teacher; cats; a mountain hut; plastic;
an election; the sense of smell; a toy shop; deserted islands; a mechanic; vaccines; a quiet street; gold; a science project;
the French Revolution; a broken promise; owls; a picnic; batteries; a tour guide; rain forests; a night shift; ice cream;
a railway station; memory; a stray kitten; satellites; a choir; soap; an argument between brothers; lakes; a pottery course;
money; a farmer's day; shadows; a surprise; languages; a dentist; islands; an open window; wool; a campfire; numbers;
a moving van; horses; a long queue; gravity; a diary; rice; a stage play; glaciers; a bank clerk; mirrors; a new neighbour
"""

HELD_OUT = """
a windmill; the cinema; an umbrella shop; frogs; a ferry; the radio; a school trip; lightning; a cherry tree; a barber;
the metro; a lost dog; comets; a carpet; a book club; seagulls; the harbour; an old map; onions; a fire station; clouds;
a wooden toy; the opera; a tennis match; squirrels; a letterbox; the pyramids; a juggler; mushrooms; a night sky; pencils;
a roundabout; the Vikings; a hot bath; bats; a sandwich; an escalator; the jungle; a snowman; a poem; leaves; a vet;
the lottery; a bakery van; crabs; a sunset; a hammock; the brain; an alarm clock; sheep; a museum guard; fog; a cousin;
spoons; the equator; a drum kit; a tunnel; ants; a holiday; the kitchen table
"""

FORMS = [
    "Write a short text about {}.",
    "Tell me something interesting about {}.",
    "Once there was a story about {}. It began",
    "What I remember most about {} is",
    "Explain to a child what is special about {}.",
    "Here are three facts about {}:",
    "My opinion of {} has changed over the years, because",
    "Give some advice to a person who has to deal with {}.",
    "A letter to a friend about {}:\n\nDear Anna,\n",
]

LANGUAGES = [
    "Schreibe einen kurzen Text über das Wetter im Herbst.", "Gestern ging ich durch die Stadt und",
    "Die Geschichte des Buchdrucks beginnt", "Was ist der Unterschied zwischen einem See und einem Meer?",
    "Meine Großmutter erzählte oft, dass", "Raconte-moi une histoire sur un petit village.",
    "Hier matin, le boulanger a ouvert sa boutique et", "Quelle est la capitale de la France et pourquoi est-elle connue ?",
    "Les oiseaux migrateurs partent en automne parce que", "La recette de ma tante commence par",
    "Escribe un texto breve sobre el mar.", "Ayer por la tarde fuimos al mercado y",
    "¿Por qué cambian de color las hojas en otoño?", "Mi abuelo trabajaba en una fábrica de",
    "La historia de la ciudad empieza con", "Scrivi una breve lettera a un amico.",
    "Ieri sera al teatro abbiamo visto", "Perché il mare è salato?", "La ricetta della nonna comincia con",
    "Escreva um texto curto sobre a chuva.", "Ontem à noite, na estação de comboios,", "Porque é que o céu é azul?",
    "Schrijf een korte tekst over fietsen in de stad.", "Gisteren regende het en", "Napisz krótki tekst o zimie.",
    "Skriv en kort text om havet.", "Напиши короткий рассказ о зиме.", "Вчера вечером мы пошли в", "写一篇关于春天的短文。",
    "昨日の夜、駅の前で",
]

CODE = [
    "Write a Python function that returns the sum of a list of numbers.\n\n```python\n", "def fibonacci(n):\n",
    "import json\n\ndef read_config(path):\n", "class Stack:\n    def __init__(self):\n",
    "for i in range(10):\n    if i % 2 == 0:\n", "SELECT name, price FROM products WHERE",
    "#include <stdio.h>\n\nint main(void) {\n", "function reverse(text) {\n  return",
    "let numbers = [1, 2, 3, 4]\nlet squares = numbers.map", "public class Account {\n    private double balance;\n",
    "#!/bin/bash\nfor file in *.txt; do\n", "<html>\n<head>\n<title>", "{\n  \"name\": \"example\",\n  \"version\":",
    "import numpy as np\n\nx = np.linspace(0, 1, 100)\n", "def is_palindrome(s):\n    s = s.lower()\n",
    "try:\n    value = int(input())\nexcept", "fn main() {\n    let mut total = 0;\n", "CREATE TABLE customers (\n",
    "git commit -m", "Write a regular expression that matches an email address:",
    "def binary_search(items, target):\n    low, high = 0, len(items) - 1\n", "while True:\n    line = input('> ')\n",
    "const express = require('express');\nconst app = express();\n", "package main\n\nimport \"fmt\"\n\nfunc main() {\n",
    "def factorial(n):\n    return", "x = [3, 1, 2]\nx.sort()\nprint(", "Fix the error in this code:\n\nprint('hello'\n",
    "// Returns the larger of two numbers\nint max(int a, int b) {\n", "a = {'one': 1, 'two': 2}\nfor key, value in",
    "What does this function do?\n\ndef f(x):\n    return x * x\n",
]


def lines(text):
    return [part.strip() for part in text.replace("\n", " ").split(";") if part.strip()]


def long_prompts(folder, path):
    """Sentences of the mood data and neutral ones, which have nothing to do with each other, in eight orders."""
    behaviour = os.path.join(folder, "..", "behaviour")
    sentences = open(os.path.join(behaviour, "neutral.txt"), encoding="utf-8").read().splitlines()
    for name in ("mood.jsonl", "mood-test.jsonl"):
        with open(os.path.join(behaviour, name), encoding="utf-8") as file:
            sentences += [json.loads(line)["text"] for line in file]
    shuffled = random.Random(1)
    prompts = []
    for _ in range(8):
        shuffled.shuffle(sentences)
        prompts.append(" ".join(sentences[:146]) + "\n\nIn short, what was written above is about")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(prompts, file, ensure_ascii=False, indent=1)
        file.write("\n")


def main():
    folder = os.path.dirname(os.path.abspath(__file__))
    if len(sys.argv) > 1:
        return long_prompts(folder, sys.argv[1])
    subjects, held_out = lines(SUBJECTS), lines(HELD_OUT)
    assert len(set(subjects + held_out)) == len(subjects) + len(held_out)
    for name, subjects, forms in (("prompts.jsonl", subjects, 3), ("held-out.jsonl", held_out, 2)):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            for index, subject in enumerate(subjects):
                for step in range(forms):
                    prompt = FORMS[(index + 3 * step) % len(FORMS)].format(subject)
                    file.write(json.dumps({"prompt": prompt, "group": subject}, ensure_ascii=False) + "\n")

    def dump(name, value):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            json.dump(value, file, ensure_ascii=False, indent=1)
            file.write("\n")

    dump("languages.json", LANGUAGES)
    dump("code.json", CODE)


main()
