/**
 * Whether `glob` covers the whole of `name`: `*` stands for any run of characters, `?` for one. Runs in
 * glob × name steps at most, whatever the glob: it keeps only the last `*` to come back to.
 */
export function matchGlob(glob: string, name: string): boolean {
  let at = 0;
  let from = 0;
  let star = -1;
  let starFrom = 0;
  while (from < name.length) {
    if (at < glob.length && glob[at] === "*") {
      star = at;
      starFrom = from;
      at += 1;
    } else if (at < glob.length && (glob[at] === "?" || glob[at] === name[from])) {
      at += 1;
      from += 1;
    } else if (star >= 0) {
      starFrom += 1;
      from = starFrom;
      at = star + 1;
    } else {
      return false;
    }
  }
  return /^\**$/.test(glob.slice(at));
}
