// Texts of sections that did not reach the server, kept in this browser under the account that typed them.

const PREFIX = "hufu-minutes";
const name = (who, section) => `${PREFIX} ${who} ${section}`;

export function keep(who, section, text) {
  try {
    localStorage.setItem(name(who, section), JSON.stringify({ ...text, at: new Date().toISOString() }));
  } catch {
    // This browser keeps nothing, or is full: what is typed still stands in the editor.
  }
}

export function kept(who, section) {
  try {
    return JSON.parse(localStorage.getItem(name(who, section)));
  } catch {
    return null;
  }
}

export function forget(who, section) {
  try {
    localStorage.removeItem(name(who, section));
  } catch {
    // Nothing was kept.
  }
}
