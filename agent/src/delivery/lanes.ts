/** How many new frames may go in a row while the backlog waits. */
const NEW_IN_A_ROW = 3;

export type LaneName = 'new' | 'backlog';

/**
 * In which order to look into the two lanes: a new frame goes first, so that people see now; after three of them the backlog
 * has its turn. An empty lane gives its turn to the other.
 * @param newInARow how many new frames have gone since the last one of the backlog
 */
export function laneOrder(newInARow: number): readonly [LaneName, LaneName] {
  return newInARow < NEW_IN_A_ROW ? ['new', 'backlog'] : ['backlog', 'new'];
}
