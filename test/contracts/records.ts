/** What the records must do on every engine: each subject in a file of its own, run on whatever `open` gives. */

import type { Records } from '@slowlight/control-plane/src/ports.ts';
import { describe, type TestContext } from 'vitest';
import type { HandClock } from '../rig/hand-clock.ts';
import { recordsAlarms } from './records-alarms.ts';
import { recordsArrange } from './records-arrange.ts';
import { recordsBulk } from './records-bulk.ts';
import { recordsClocks } from './records-clocks.ts';
import { recordsCoverage } from './records-coverage.ts';
import { recordsEnrolment } from './records-enrolment.ts';
import { recordsEvents } from './records-events.ts';
import { recordsFilms } from './records-films.ts';
import { recordsGiveBack } from './records-give-back.ts';
import { recordsHome } from './records-home.ts';
import { recordsLedger } from './records-ledger.ts';
import { recordsOverlays } from './records-overlays.ts';
import { recordsPeople } from './records-people.ts';
import { recordsPictures } from './records-pictures.ts';
import { recordsReconcile } from './records-reconcile.ts';
import { recordsReload } from './records-reload.ts';
import { recordsRules } from './records-rules.ts';
import { recordsStorage } from './records-storage.ts';
import { recordsTwice } from './records-twice.ts';
import { recordsVideos } from './records-videos.ts';
import { recordsWatching } from './records-watching.ts';
import { recordsWeather } from './records-weather.ts';
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
    describe('what an agent holds', () => recordsReconcile(openHouse));
    describe('clocks and the sun', () => recordsClocks(openHouse));
    describe('coverage', () => recordsCoverage(openHouse));
    describe('watching', () => recordsWatching(openHouse));
    describe('storage', () => recordsStorage(openHouse));
    describe('the ledger', () => recordsLedger(openHouse));
    describe('what people arrange', () => recordsArrange(openHouse));
    describe('who comes in', () => recordsPeople(openHouse));
    describe('how agents come in', () => recordsEnrolment(openHouse));
    describe('jobs, feed', () => recordsWork(openHouse));
    describe('the videos of a timelapse', () => recordsVideos(openHouse));
    describe('overlays', () => recordsOverlays(openHouse));
    describe('weather', () => recordsWeather(openHouse));
    describe('houses', () => recordsHome(openHouse));
    describe('alarms', () => recordsAlarms(openHouse));
    describe('films of pieces', () => recordsFilms(openHouse));
    describe('rules of films', () => recordsRules(openHouse));
    describe('work on many frames', () => recordsBulk(openHouse));
    describe('jobs that are given back', () => recordsGiveBack(openHouse));
    describe('opened again', () => recordsReload(openHouse));
  });
}
