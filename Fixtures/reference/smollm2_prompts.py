"""Twenty prompts of different kinds, as text with ChatML's special tokens written out."""

lighthouse = """The lighthouse at the end of the northern pier had been built in 1871, when the harbour still lived on herring. Its \
keeper, a careful man by the name of Aldous Penrose, wrote down everything that passed: ships and their flags, the height of the \
water, the number of gulls on the rail at noon. He kept forty-three notebooks in this way, and when the town decided to turn the \
tower into a museum, the notebooks were found in a tin chest under the stairs, dry and in perfect order, \
numbered on their backs from one to forty-three.

What nobody had expected was how useful they would be. A student of meteorology came for a weekend and stayed for two years. She \
found that Penrose had measured the temperature of the sea three times a day, at the same step of the same ladder, with the same \
thermometer, from 1874 until the winter of 1909. There were only eleven days without a number, and for each of them he had given \
the reason. On nine the ladder was under ice. On one he had been at his sister's wedding. On the last he wrote only that the fog had \
been so thick that he "did not care to try the steps twice for the sake of one figure", and that he regretted it already.

The student compared his numbers with those of a buoy that floats in the bay today. The summers had grown warmer by a little more \
than one degree, as she had guessed; but the winters surprised her. In the old books the water froze along the pier in two years of \
every three, while in the last three decades it had frozen only once. She published a short paper with a long table, and put the \
keeper's name first among the authors, although he had been dead for almost a century. The journal's editor objected politely. She \
answered that he had done most of the work, that he had never missed a day without saying why, and that she knew of few colleagues \
of whom the same could be said. The editor gave way.

The museum now shows the thermometer in a glass case beside the door. Children are allowed to go down the ladder, one at a time and \
holding a rope, and to read a modern copy of it at the same step. Their numbers are written on a board, and at the end of each month \
somebody copies the board into notebook number fifty-one. Visitors often ask why it is not simply done by a computer. The woman at \
the desk, who has heard the question several hundred times, says that it is done by a computer as well, every ten minutes, and that \
the two have so far agreed to within half a degree. Then she usually adds that the computer, however, has never once noticed how many \
gulls were on the rail, and that last spring, when the sensor failed for nine days, it was the board that"""

system = "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n"

prompts = [
    ("plain", "The capital of France is"),
    ("plain, a longer sentence", "When the train finally reached the small station in the mountains, the conductor"),
    ("plain, open", "My day at work was"),
    ("chat", system + "<|im_start|>user\nWhat is the largest planet in our solar system?<|im_end|>\n<|im_start|>assistant\n"),
    ("chat, own system message", "<|im_start|>system\nYou answer in one short sentence.<|im_end|>\n<|im_start|>user\n"
     "Why do cats purr?<|im_end|>\n<|im_start|>assistant\n"),
    ("chat, several turns", system + "<|im_start|>user\nHi! My name is Nadia.<|im_end|>\n<|im_start|>assistant\nHello Nadia, how "
     "can I help you today?<|im_end|>\n<|im_start|>user\nDo you remember my name?<|im_end|>\n<|im_start|>assistant\n"),
    ("code, Python", "def is_prime(n):\n    \"\"\"Return True if n is a prime number.\"\"\"\n    if n < 2:\n        return"),
    ("code, C with tabs", "#include <stdio.h>\n\nint main(int argc, char **argv) {\n\tfor (int i = 0; i < argc; i++) {\n\t\tprintf("),
    ("JSON", "{\"name\": \"Ada\", \"born\": 1815, \"fields\": [\"mathematics\", \"computing\"], \"died\":"),
    ("French", "L'été dernier, nous avons passé trois semaines à la campagne, près d'une rivière où"),
    ("German", "Die Geschwindigkeit des Lichts im Vakuum beträgt ungefähr"),
    ("Russian", "Однажды в студёную зимнюю пору я из лесу вышел"),
    ("Chinese", "北京是中华人民共和国的首都，"),
    ("Arabic", "مرحبا، كيف حالك اليوم؟"),
    ("Japanese and emoji", "今日はとても良い天気ですね 🌞🏖️ 散歩に"),
    ("numbers", "3.14159 + 2.71828 = 5.85987; 12345 * 1000 = 12,345,000; 2^16 = 65536; 7 * 8 ="),
    ("600 tokens", lighthouse),
    ("a single token", "Once"),
    ("one token repeated", " the" * 24),
    ("white space and odd signs", "Title:\t\tNotes   on\n\n\n  * item №1 — “quoted”…\r\n  * item\u00a0№2 ½ ≤ ∞"),
]
