extension PageScript {
    /// Texts under the plan at several strengths, side by side with those without it.
    static let steering = #"""
        const steering = { strength: 0 };

        // The words of `text` that a longest common subsequence with `base` doesn't hold.
        function newWords(base, text) {
          const split = (from) => from.match(/\s*\S+|\s+$/g) || [];
          const [a, b] = [split(base), split(text)];
          const same = (i, j) => a[i].trim() === b[j].trim();
          const lengths = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
          for (let i = a.length - 1; i >= 0; i--) {
            for (let j = b.length - 1; j >= 0; j--) {
              lengths[i][j] = same(i, j) ? lengths[i + 1][j + 1] + 1 : Math.max(lengths[i + 1][j], lengths[i][j + 1]);
            }
          }
          const pieces = [];
          let i = 0;
          for (let j = 0; j < b.length;) {
            if (i < a.length && same(i, j)) {
              pieces.push([b[j++], false]);
              i++;
            } else if (i < a.length && lengths[i + 1][j] >= lengths[i][j + 1]) i++;
            else pieces.push([b[j++], true]);
          }
          return pieces;
        }

        function drawSteering() {
          const part = data.steering;
          const label = part.labels[steering.strength];
          byId("strength-text").textContent = label;
          byId("strength").setAttribute("aria-valuetext", label);
          // The space before a text's first word would look like an indent.
          const [base, own] = [part.base, steering.strength].map((index) =>
            part.texts[index].map((text) => text.replace(/^ /, "")));
          byId("steering-texts").replaceChildren(...part.prompts.map((prompt, index) => {
            const steered = make("p", { class: "text", dir: "auto" });
            for (const [word, isNew] of newWords(base[index], own[index])) {
              steered.append(isNew ? make("mark", { text: word }) : document.createTextNode(word));
            }
            if (own[index] === "") steered.append(make("span", { class: "dim", text: "(empty)" }));
            const column = (title, body) => make("div", { role: "group", "aria-label": title }, [
              make("p", { class: "condition", text: title }), body,
            ]);
            return make("div", { class: "comparison" }, [
              make("div", { class: "prompt" }, [
                make("p", { class: "kind", text: "Prompt" }), make("p", { class: "text", dir: "auto", text: prompt }),
              ]),
              make("div", { class: "columns" }, [
                column("unsteered", make("p", { class: "text", dir: "auto", text: base[index] || "(empty)" })),
                column("steered, " + label, steered),
              ]),
            ]);
          }));
        }

        function startSteering() {
          const part = data.steering;
          if (!part) return () => {};
          const slider = byId("strength");
          slider.max = part.labels.length - 1;
          steering.strength = part.labels.length - 1;
          part.labels.forEach((label, index) => {
            if (part.preferred === index) steering.strength = index;
            byId("strength-marks").append(make("option", { value: index, label }));
          });
          slider.value = steering.strength;
          slider.addEventListener("input", () => {
            steering.strength = +slider.value;
            drawSteering();
          });
          byId("strength-low").textContent = part.labels[0];
          byId("strength-high").textContent = part.labels[part.labels.length - 1];
          return drawSteering;
        }
        """#
}
