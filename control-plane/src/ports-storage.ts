/** What the records tell of how much is stored. */
import type { StorageView } from '@slowlight/protocol';

export interface StorageRecords {
  /** All but where it lies, which the records do not know. */
  storage(): Promise<Omit<StorageView, 'space'>>;
}
