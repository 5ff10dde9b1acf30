/**
 * Makes line feeds return as well, as the terminal of whoever ran a command without one did. The function remembers
 * a carriage return at the end of a piece, for the line feed that may begin the next.
 */
export function plainEnds(): (text: string) => string {
  let returned = false;
  return (text) => {
    const ended = text.replace(/\r?\n/gu, (end, index: number) => (index === 0 && returned ? end : "\r\n"));
    returned = text === "" ? returned : text.endsWith("\r");
    return ended;
  };
}
