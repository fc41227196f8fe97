"""One JSON object a line: requests on standard input, answers on standard output. The peers of headsteer-bench speak it.

A peer is loaded once and then waits in a read, so it costs no processor time while its rival is measured.

Import this before a library that prints: from then on, what is written to descriptor 1 goes to standard error, for it would
spoil the answers.
"""

import json
import os
import sys

answers = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)


def serve(operations: dict) -> None:
    """Answers {"op": NAME, ...} with what operations[NAME] returns, until standard input ends.

    An operation takes the request's other fields as keyword arguments and returns a dictionary.
    """
    print(json.dumps({"ready": True}), file=answers)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = operations[request.pop("op")](**request)
        except Exception as problem:  # The benchmark is to tell it, whatever it is.
            answer = {"error": f"{type(problem).__name__}: {problem}"}
        print(json.dumps(answer), file=answers)
