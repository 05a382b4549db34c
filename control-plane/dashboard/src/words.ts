/**
 * Every word that the pages say, in the language of this page. Nothing else on the pages holds text: a language is a folder
 * below `words/` whose parts make an object of the type of the English. Numbers and dates are written by `Intl` in `locale`.
 * English is part of the first load; another language is waited for before anything is drawn, and changed by a reload.
 */
import { pageLanguage } from './look/language.ts';
import { english } from './words/english.ts';

export type Words = typeof english;
export const words: Words = pageLanguage() === 'de' ? (await import('./words/german.ts')).german : english;
