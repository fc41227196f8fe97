"""Prompts of different kinds for real_models.py; the last is longer than Gemma's window of 512 tokens."""

from smollm2_prompts import lighthouse

system = "<|im_start|>system\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\n"
code = "def is_prime(n):\n    \"\"\"Return True if n is a prime number.\"\"\"\n    if n < 2:\n        return"
mixed = "北京是中华人民共和国的首都，L'été dernier, nous avons passé trois semaines 🌞 à la campagne; 3.14159 + 2.71828 ="


def of(name: str) -> list[tuple[str, str]]:
    """Kind and text. Where a model continues a text by an id that leads by less than rounding may change, it gets another."""
    if name.startswith("qwen"):
        return [
            ("plain", "The best thing about the sea is" if "1.5b" in name else "The capital of France is"),
            ("chat", system + "<|im_start|>user\nTell me about your day at work.<|im_end|>\n<|im_start|>assistant\n"),
            ("code", code), ("languages, emoji, numbers", mixed), ("600 tokens", lighthouse),
        ]
    return [
        ("plain", "The best thing about the sea is"),
        ("dialogue", "Anna: How was your day at work?\nBen: It was long, but I enjoyed it.\nAnna: What did you like most?\nBen:"),
        ("code", code), ("languages, emoji, numbers", mixed), ("600 tokens", lighthouse),
    ]
