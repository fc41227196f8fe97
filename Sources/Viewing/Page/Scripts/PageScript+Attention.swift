extension PageScript {
    /// The attention pattern of a head on a text: a picture of the whole pattern, and the attention of a single token.
    static let attention = #"""
        const attention = { text: 0, token: null };

        // The pattern of a head on a text: row q holds the weights of the positions 0 … q.
        function patternOf(head, number) {
          const pattern = data.patterns[number];
          if (!pattern.view) pattern.view = bytes(pattern.packed);
          const size = pattern.tokens;
          const area = size * (size + 1) / 2;
          const all = pattern.view.subarray(head * area, (head + 1) * area);
          const rows = [];
          for (let query = 0, at = 0; query < size; at += ++query) {
            rows.push(Array.from(all.subarray(at, at + query + 1), (value) => value / 255));
          }
          return rows;
        }

        function drawPattern() {
          const part = data.patterns[attention.text];
          const rows = patternOf(state.head, attention.text);
          const size = part.tokens;
          const canvas = byId("pattern");
          const scale = Math.max(2, Math.floor(320 / size));
          canvas.width = canvas.height = size * scale;
          const context = canvas.getContext("2d");
          const style = getComputedStyle(document.documentElement);
          context.fillStyle = style.getPropertyValue("--soft");
          context.fillRect(0, 0, canvas.width, canvas.height);
          context.fillStyle = style.getPropertyValue("--positive");
          rows.forEach((row, query) => row.forEach((weight, key) => {
            context.globalAlpha = Math.sqrt(weight);
            context.fillRect(key * scale, query * scale, scale, scale);
          }));
          context.globalAlpha = 1;
          if (attention.token !== null) {
            context.strokeStyle = style.getPropertyValue("--ink");
            context.lineWidth = Math.max(1, scale / 6);
            context.strokeRect(0, attention.token * scale, canvas.width, scale);
          }
          canvas.setAttribute("aria-label", "Attention of head " + headName(state.head) + ": each row is a token and shows where it looks. " + patternText(rows));
        }

        // Where attention goes on the whole: to the first token, the one before, or the token itself.
        function patternText(rows) {
          if (rows.length < 3) return "";
          const mean = (weight) => rows.slice(1).reduce((sum, row, index) => sum + weight(row, index + 1), 0) / (rows.length - 1);
          return "On average " + percent(mean((row) => row[0])) + " goes to the first token, "
            + percent(mean((row, query) => row[query - 1])) + " to the previous token, "
            + percent(mean((row, query) => row[query])) + " to itself.";
        }

        function drawAttention() {
          const part = data.patterns[attention.text];
          const words = tokensOf(texts.items[part.text]).slice(0, part.tokens);
          const rows = patternOf(state.head, attention.text);
          if (attention.token === null || attention.token >= part.tokens) attention.token = part.tokens - 1;
          const row = rows[attention.token];
          const line = byId("attention-tokens");
          if (line.dataset.text !== String(attention.text)) {
            line.dataset.text = attention.text;
            line.replaceChildren(...words.map((word, index) => make("button", {
              type: "button", class: "token", "data-token": index, tabindex: -1, text: word,
            })));
          }
          [...line.children].forEach((button, index) => {
            const weight = index <= attention.token ? row[index] : null;
            tint(button, weight === null ? 0 : Math.sqrt(weight));
            button.classList.toggle("later", weight === null);
            button.setAttribute("aria-pressed", index === attention.token);
            button.tabIndex = index === attention.token ? 0 : -1;
            button.title = weight === null ? "" : percent(weight);
          });
          const best = [...row.keys()].sort((a, b) => row[b] - row[a]).slice(0, 4).filter((key) => row[key] > 0.005);
          byId("attention-text").textContent = "“" + words[attention.token].trim() + "” (token " + attention.token + ") looks at "
            + (best.map((key) => "“" + words[key].trim() + "” " + percent(row[key])).join(", ") || "nothing in particular") + ".";
          byId("pattern-text").textContent = patternText(rows);
          byId("pattern-note").textContent = part.note;
          drawPattern();
        }

        function startAttention() {
          if (!data.patterns || data.patterns.length === 0) return () => {};
          const select = byId("attention-choice");
          data.patterns.forEach((part, index) => {
            const words = tokensOf(texts.items[part.text]).join("");
            select.append(make("option", { value: index, text: words.length > 60 ? words.slice(0, 60) + "…" : words }));
          });
          select.addEventListener("change", () => {
            attention.text = +select.value;
            attention.token = null;
            drawAttention();
          });
          const line = byId("attention-tokens");
          const take = (token) => {
            attention.token = token;
            drawAttention();
          };
          line.addEventListener("click", (event) => {
            const button = event.target.closest("[data-token]");
            if (button) take(+button.dataset.token);
          });
          line.addEventListener("keydown", (event) => {
            const last = line.children.length - 1;
            const to = {
              ArrowLeft: attention.token - 1, ArrowRight: attention.token + 1, Home: 0, End: last,
            }[event.key];
            if (to === undefined) return;
            event.preventDefault();
            take(Math.min(Math.max(to, 0), last));
            line.children[attention.token].focus();
          });
          byId("pattern").addEventListener("click", (event) => {
            const box = event.target.getBoundingClientRect();
            const size = data.patterns[attention.text].tokens;
            take(Math.min(Math.floor((event.clientY - box.top) / box.height * size), size - 1));
          });
          watch(["head"], drawAttention);
          for (const query of ["(prefers-color-scheme: dark)", "print"]) {
            matchMedia(query).addEventListener("change", drawPattern);
          }
          return drawAttention;
        }
        """#
}
