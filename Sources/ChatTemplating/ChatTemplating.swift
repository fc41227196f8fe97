// ChatTemplating
