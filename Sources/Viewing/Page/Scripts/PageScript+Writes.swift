extension PageScript {
    /// The effect of a head's direction on the logits: the tokens that it makes more and less likely.
    static let writes = #"""
        function drawWrites() {
          const [raised, lowered] = data.writes[state.head] || [[], []];
          const largest = Math.max(...raised.concat(lowered).map(([, weight]) => Math.abs(weight)), 1e-9);
          const list = (id, tokens) => {
            byId(id).replaceChildren(...tokens.map(([token, weight]) => {
              const word = make("span", { class: "token", dir: "auto", text: shown(piece(token)) });
              tint(word, weight / largest);
              return make("li", {}, [word, make("span", { class: "dim", text: " " + number(weight, true) })]);
            }));
          };
          list("writes-raised", raised);
          list("writes-lowered", lowered);
        }
        function startWrites() {
          if (!data.writes) return () => {};
          watch(["head"], drawWrites);
          return drawWrites;
        }
        """#
}
