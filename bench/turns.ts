/**
 * Measures several ways in turns, A B A B, so that a slow minute of the machine hits all of them alike. The first turn
 * warms up (code, caches) and does not count.
 *
 * @returns for each way its measurements, in order
 */
export async function measureInTurns<Way extends string, T>(
  runs: number,
  ways: Readonly<Record<Way, () => Promise<T>>>,
  onTurn: (turn: number, way: Way) => void,
): Promise<Record<Way, T[]>> {
  const names = Object.keys(ways) as Way[];
  const measured = Object.fromEntries(names.map((way) => [way, []])) as unknown as Record<Way, T[]>;
  for (let turn = 0; turn <= runs; turn++)
    for (const way of names) {
      onTurn(turn, way);
      const value = await ways[way]();
      if (turn > 0) measured[way].push(value);
    }
  return measured;
}
