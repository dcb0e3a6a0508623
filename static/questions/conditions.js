// When a question is shown. Said twice, here and in app/questions/conditions.py, with one meaning: a test compares them.

const ORDERED = /^[0-9:.-]+$/; // days and times: their order is that of their signs, in every language

// Whether the answers fulfil an expression; without one everything is shown.
export function isMet(expression, answers) {
  if (!expression || !Object.keys(expression).length) return true;
  if ("and" in expression) return expression.and.every((each) => isMet(each, answers));
  if ("or" in expression) return expression.or.some((each) => isMet(each, answers));
  if ("not" in expression) return !isMet(expression.not, answers);
  const said = partsOf(own(answers, expression.question));
  const { is: word, value } = expression;
  if (word === "answered") return said.length > 0;
  if (word === "in") return Array.isArray(value) && said.some((each) => value.some((one) => same(each, one)));
  if (word === "=") return said.some((each) => same(each, value));
  return said.some((each) => (word === "<" ? before(each, value) : before(value, each)));
}

// The keys of the questions that are shown. A hidden one has no answer for those that come after it.
export function visible(questions, answers) {
  const known = Object.create(null);
  const shown = [];
  for (const question of questions) {
    if (!isMet(question.show_if, known)) continue;
    shown.push(question.key);
    known[question.key] = own(answers, question.key);
  }
  return shown;
}

// What an answer consists of: several choices, choices with a word of one's own, or itself; empty ones are none.
function partsOf(answer) {
  if (answer === undefined || answer === null || answer === "") return [];
  if (Array.isArray(answer)) return answer.flatMap(partsOf);
  if (typeof answer === "object") return [...partsOf(answer.choices), ...partsOf(answer.text)];
  return [answer];
}

const own = (answers, key) => (Object.hasOwn(answers, key) ? answers[key] : undefined);

const same = (one, other) => ["boolean", "number", "string"].includes(typeof one) && one === other;

function before(one, other) {
  if (typeof one === "number" && typeof other === "number") return one < other;
  return [one, other].every((each) => typeof each === "string" && ORDERED.test(each)) && one < other;
}
