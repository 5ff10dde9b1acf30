/** One string, or one character that says where in an object we are. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/gsu;

/**
 * Whether an object in a sound JSON text has the same key twice. `JSON.parse` takes the last; somebody before us may
 * have looked at the first.
 */
export function duplicateKey(text: string): boolean {
  const open: (Set<string> | undefined)[] = [];
  let string = "";
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === "{") open.push(new Set());
    else if (token === "[") open.push(undefined);
    else if (token === "}" || token === "]") open.pop();
    else if (token === ":") {
      const key = JSON.parse(string) as string;
      const keys = open.at(-1);
      if (keys?.has(key)) return true;
      keys?.add(key);
    } else if (token !== ",") string = token;
  }
  return false;
}
