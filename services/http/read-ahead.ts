/** Results in the order of the items, `atOnce` of them under way at once. */
export async function* readAhead<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const underWay: Promise<Result>[] = [];
  const start = (item: Item) => {
    const result = work(item);
    // Awaited below in its turn; one that is never reached must not end the process.
    result.catch(() => {});
    underWay.push(result);
  };
  for (const item of items.slice(0, atOnce)) start(item);
  for (let next = atOnce; ; next += 1) {
    const first = underWay.shift();
    if (first === undefined) return;
    const result = await first;
    const item = items[next];
    if (item !== undefined) start(item);
    yield result;
  }
}
