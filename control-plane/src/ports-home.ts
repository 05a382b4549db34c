/** The hallway's page of home automation: the verbs that rooms expect of the records about it; see `ports.ts`. */
import type { AgentId, CameraId, HomeBrokerId, HomeBrokerView, HouseId } from '@slowlight/protocol';

/** A broker of a user's house, as it is kept. */
export interface HomeBroker extends Omit<HomeBrokerView, 'hasPassword' | 'link'> {
  /** Sealed with the key of the data folder, to the broker's id; null: none. */
  sealedPassword: string | null;
}
export type HomeBrokerWrite = Omit<HomeBroker, 'id' | 'createdAt'>;

export interface HomeRecords {
  /** The same for ever, on this database. */
  houseId(): Promise<HouseId>;
  /** Oldest first. */
  homeBrokers(): Promise<HomeBroker[]>;
  homeBroker(id: HomeBrokerId): Promise<HomeBroker | null>;
  /** The id comes from the caller, because the password is sealed to it. */
  createHomeBroker(id: HomeBrokerId, broker: HomeBrokerWrite): Promise<HomeBroker>;
  /** Only what is given changes. */
  changeHomeBroker(id: HomeBrokerId, change: Partial<HomeBrokerWrite>): Promise<HomeBroker | null>;
  deleteHomeBroker(id: HomeBrokerId): Promise<boolean>;
  /** Of an agent's cameras: how many announced pictures are still at the edge. A camera without any is left out. */
  waitingPictures(agent: AgentId): Promise<Map<CameraId, number>>;
}
