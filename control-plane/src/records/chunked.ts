/** Cuts a list into pieces of at most `most`, because an engine takes only so many values in one statement. */
export function* chunked<Item>(items: readonly Item[], most: number): Generator<Item[], void> {
  for (let start = 0; start < items.length; start += most) yield items.slice(start, start + most);
}

/** The most ids that are asked for at once. */
export const MOST_IDS = 5000;
