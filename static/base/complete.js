// While somebody types: @ offers the people whose name begins so, and / at the beginning of a word offers days.
// `place` gives what is before the cursor and puts words in its stead, for a field as for an editor.

const WORD = /(^|[\s(（，。；：、])([@＠/])([^@＠/\n]{0,30})$/u;

// Behind these marks @ says who is to do it, and stays; elsewhere the name alone is wanted.
const ACTION = /^\s*(?:[-*+]\s+|\d+[.)]\s+)?(?:[!！]\s*(?:action|a|任务|行动)(?![a-z])|(?:任务|行动)[:：])/iu;

/** Days that people mean, from a day on: [[name, 2027-03-01], …]. What is typed in digits is a day of that month. */
export function days(names, today) {
  const at = (year, month, day) => new Date(Date.UTC(year, month, day));
  const [year, month, day] = [today.getUTCFullYear(), today.getUTCMonth(), today.getUTCDate()];
  const meant = [
    at(year, month, day), at(year, month, day + 1), at(year, month, day + 7), at(year, month, day + 14),
    at(year, month + 1, Math.min(day, at(year, month + 2, 0).getUTCDate())), at(year, month + 1, 0),
    at(year, month - (month % 3) + 3, 0), at(year, 12, 0),
  ];
  return meant.map((each, number) => [names[number], each.toISOString().slice(0, 10)]);
}

/**
 * `list` is the element of the suggestions. `before()` gives the text before the cursor, `put(length, words)` replaces
 * its last signs; `names` is the address that is asked for people, `dayNames` how days are called.
 */
export function completing({ list, before, put, focus, names, dayNames, today = new Date() }) {
  let found = [];
  let chosen = 0;
  let typed = "";
  let asked = 0;

  async function look() {
    const mine = ++asked;
    const match = WORD.exec(before());
    if (!match) return close();
    const [, , sign, words] = match;
    const offers = sign === "/" ? offeredDays(words) : await offeredPeople(words);
    if (mine !== asked) return;
    typed = sign + words;
    found = offers;
    chosen = 0;
    draw();
  }

  function offeredDays(words) {
    const asked = words.toLocaleLowerCase();
    return days(dayNames, today).filter(([name, day]) => name.toLocaleLowerCase().startsWith(asked) || day.includes(asked))
      .map(([name, day]) => ({ words: day, beside: name }));
  }

  async function offeredPeople(words) {
    if (!words.trim()) return [];
    try {
      const answer = await fetch(`${names}?${new URLSearchParams({ q: words })}`, { headers: { Accept: "application/json" } });
      if (!answer.ok) return [];
      const told = await answer.json();
      const kept = ACTION.test(before().split("\n").at(-1)) ? "@" : "";
      return told.names.map((each) => ({
        words: `${kept}${/[\u2e80-\u9fff]/u.test(words) && each.local ? each.local : each.name}`,
        beside: [each.local, each.words].filter(Boolean).join(" · "),
      }));
    } catch {
      return []; // the line is down: names are typed by hand
    }
  }

  function draw() {
    list.hidden = found.length === 0;
    list.replaceChildren(...found.map((each, number) => {
      const row = document.createElement("li");
      row.role = "option";
      row.id = `completion-${number}`;
      row.ariaSelected = String(number === chosen);
      row.textContent = each.words;
      const beside = document.createElement("small");
      beside.textContent = each.beside;
      row.append(beside);
      row.addEventListener("pointerdown", (event) => { event.preventDefault(); take(number); });
      return row;
    }));
  }

  function close() {
    asked++;
    found = [];
    draw();
  }

  function take(number) {
    const words = found[number].words;
    const length = typed.length;
    close();
    put(length, `${words} `);
    focus();
  }

  /** Gives whether the key was for the suggestions. */
  function key(event) {
    if (!found.length) return false;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      chosen = (chosen + (event.key === "ArrowDown" ? 1 : found.length - 1)) % found.length;
      draw();
    } else if (event.key === "Enter" || event.key === "Tab") {
      take(chosen);
    } else if (event.key === "Escape") {
      close();
    } else {
      return false;
    }
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  return { look, key, close };
}

/** The same for a plain field. */
export function completingField(field, more) {
  const completion = completing({
    ...more,
    before: () => field.value.slice(0, field.selectionStart),
    put(length, words) {
      field.setRangeText(words, field.selectionStart - length, field.selectionStart, "end");
    },
    focus: () => field.focus(),
  });
  field.addEventListener("keydown", (event) => completion.key(event));
  field.addEventListener("input", completion.look);
  field.addEventListener("blur", () => setTimeout(completion.close, 150));
  return completion;
}
