import type { HomeBrokerId, HouseId } from '@slowlight/protocol';
import type { Flag } from './schema.ts';

/** One row. */
export interface HomeHouseTable {
  /** 1. */
  number: number;
  id: HouseId;
}

export interface HomeBrokersTable {
  id: HomeBrokerId;
  name: string;
  url: string;
  mqtt: '5' | '3.1.1';
  username: string | null;
  sealed_password: string | null;
  ca: string | null;
  discovery_prefix: string;
  topic_root: string;
  enabled: Flag;
  /** json: ids of cameras. */
  pictures: string;
  created_at: number;
}

export interface HomeTables {
  home_house: HomeHouseTable;
  home_brokers: HomeBrokersTable;
}
