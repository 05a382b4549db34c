/** What the records must do on every engine: each subject in a file of its own, run on whatever `open` gives. */

import type { Records } from '@slowlight/control-plane/src/ports.ts';
import { describe, type TestContext } from 'vitest';
import type { HandClock } from '../rig/hand-clock.ts';
import { recordsArrange } from './records-arrange.ts';
import { recordsCoverage } from './records-coverage.ts';
import { recordsEvents } from './records-events.ts';
import { recordsGiveBack } from './records-give-back.ts';
import { recordsPeople } from './records-people.ts';
import { recordsPictures } from './records-pictures.ts';
import { recordsReload } from './records-reload.ts';
import { recordsTwice } from './records-twice.ts';
import { recordsWork } from './records-work.ts';

/** One fresh database. */
export interface RecordsHouse {
  /** Opens the records on it; they close with the test. */
  open(clock: HandClock): Promise<Records>;
  /** Whether several control planes may have it open at once. */
  shared: boolean;
  /** Every row of every table, read past the records. */
  tables(): Promise<Record<string, Record<string, unknown>[]>>;
  execute(statement: string): Promise<void>;
}
export type OpenHouse = (context: TestContext) => Promise<RecordsHouse>;

export function recordsContract(name: string, openHouse: OpenHouse): void {
  describe(`records on ${name}`, () => {
    describe('events', () => recordsEvents(openHouse));
    describe('twice is once', () => recordsTwice(openHouse));
    describe('pictures', () => recordsPictures(openHouse));
    describe('coverage', () => recordsCoverage(openHouse));
    describe('what people arrange', () => recordsArrange(openHouse));
    describe('who comes in', () => recordsPeople(openHouse));
    describe('jobs, films, feed', () => recordsWork(openHouse));
    describe('jobs that are given back', () => recordsGiveBack(openHouse));
    describe('opened again', () => recordsReload(openHouse));
  });
}
