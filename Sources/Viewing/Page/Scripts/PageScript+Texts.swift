extension PageScript {
    /// The texts with the highest and lowest scores at a head, with tokens coloured by projection.
    static let texts = #"""
        const texts = data.texts;
        const tokensOf = (text) => (text.tokens ? text.tokens.map((token) => shown(piece(token))) : null);

        // What each text scores at each head, unpacked where it is first asked for.
        const scoreRows = new Map();
        function scoresOf(head) {
          if (!scoreRows.has(head)) {
            const { scales, packed } = data.scores;
            if (!data.scores.view) {
              const raw = bytes(packed);
              data.scores.view = new Int16Array(raw.buffer, raw.byteOffset, raw.length / 2);
            }
            const size = texts.items.length;
            const row = Array.from(data.scores.view.subarray(head * size, (head + 1) * size), (value) => value * scales[head]);
            scoreRows.set(head, row);
          }
          return scoreRows.get(head);
        }

        // The projections of the tokens of a head's highest and lowest texts.
        function projectionsOf(head) {
          const part = data.projections;
          if (!part) return new Map();
          if (!part.view) {
            part.view = new Int8Array(bytes(part.packed).buffer);
            part.starts = [];
            let at = 0;
            for (const picks of part.picks) {
              part.starts.push(at);
              for (const text of picks) at += texts.items[text].tokens.length;
            }
          }
          const result = new Map();
          let at = part.starts[head];
          for (const text of part.picks[head]) {
            const size = texts.items[text].tokens.length;
            result.set(text, Array.from(part.view.subarray(at, at + size), (value) => value * part.scales[head]));
            at += size;
          }
          return result;
        }

        function drawStrip() {
          const svg = byId("strip");
          svg.replaceChildren();
          const scores = scoresOf(state.head);
          const [low, high] = [Math.min(...scores), Math.max(...scores)];
          const toX = scaleOf(low, high, 8, 592);
          const labels = texts.items.some((text) => text.label !== null);
          const rows = labels ? [[true, 20, texts.labelNames[0]], [false, 52, texts.labelNames[1]]] : [[null, 36, ""]];
          for (const value of toX.ticks(6)) {
            svg.append(
              draw("line", { class: value === 0 ? "zero" : "grid", x1: toX(value), x2: toX(value), y1: 6, y2: 66 }),
              draw("text", { class: "tick", x: toX(value), y: 80, "text-anchor": "middle", text: plain(value) }));
          }
          for (const [label, y, name] of rows) {
            scores.forEach((score, index) => {
              if (texts.items[index].label !== label) return;
              const jitter = ((index * 7919) % 13) - 6;
              svg.append(draw("circle", {
                class: label === false ? "dot negative" : "dot", cx: toX(score).toFixed(1), cy: y + jitter, r: 3,
              }));
            });
          }
          const mean = (label) => {
            const own = scores.filter((_, index) => texts.items[index].label === label);
            return own.length ? own.reduce((sum, score) => sum + score, 0) / own.length : null;
          };
          byId("strip-text").textContent = labels
            ? rows.map(([label, , name]) => name + ": mean " + number(mean(label), true)).join(", ") + "; " + data.scores.what
            : data.scores.what;
          svg.setAttribute("aria-label", "Scores of " + scores.length + " texts at head " + headName(state.head) + ". " + byId("strip-text").textContent);
        }

        function tokenLine(text, values, reach) {
          const line = make("p", { class: "tokens", dir: "auto" });
          tokensOf(text).forEach((word, index) => {
            const span = make("span", { class: "token", text: word });
            if (values) {
              tint(span, Math.max(-1, Math.min(1, values[index] / reach)));
              span.title = number(values[index], true);
              if (state.numbers) span.append(make("span", { class: "value", text: number(values[index], true) }));
            }
            if (text.read && index >= text.read[0] && index < text.read[1]) span.classList.add("read");
            line.append(span);
          });
          return line;
        }

        function textCard(index, score, values, reach) {
          const text = texts.items[index];
          const label = text.label === null ? null : make("span", {
            class: text.label ? "label" : "label negative", text: text.label ? texts.labelNames[0] : texts.labelNames[1],
          });
          const body = text.tokens ? tokenLine(text, values, reach) : make("p", { class: "tokens", dir: "auto", text: text.text });
          return make("li", { "data-text": index }, [
            make("p", { class: "score" }, [
              make("strong", { text: number(score, true) }), label,
              make("span", { class: "dim", text: text.line ? "line " + text.line : "text " + (index + 1) }),
            ]), body,
          ]);
        }

        function drawTexts() {
          const scores = scoresOf(state.head);
          const projections = projectionsOf(state.head);
          const order = [...scores.keys()].sort((a, b) => scores[b] - scores[a] || a - b);
          const wanted = Math.min(5, Math.floor(order.length / 2));
          let reach = 0;
          for (const values of projections.values()) for (const value of values) reach = Math.max(reach, Math.abs(value));
          const list = (id, chosen) => {
            byId(id).replaceChildren(...chosen.map((index) => textCard(index, scores[index], projections.get(index) || null, reach || 1)));
          };
          list("texts-high", order.slice(0, wanted));
          list("texts-low", order.slice(order.length - wanted).reverse());
        }

        function startTexts() {
          if (!texts || !data.scores) return () => {};
          const box = byId("numbers");
          box.addEventListener("change", () => choose({ numbers: box.checked }));
          watch(["head"], drawStrip);
          watch(["head", "numbers"], drawTexts);
          return () => { drawStrip(); drawTexts(); };
        }
        """#
}
