import {
  type RetentionPreview,
  type RetentionSettings,
  retentionPreview,
  retentionSettings,
  type StocktakeReport,
  stocktakeReport,
} from '@slowlight/protocol';
import { z } from 'zod';
import { type Api, problems } from '../api.ts';
import type { HttpRecords } from '../deps.ts';

const tags = ['retention'];

/** What is kept and for how long. */
export function retentionRoutes(
  app: Api,
  deps: {
    records: HttpRecords;
    previewRetention: (settings?: RetentionSettings) => Promise<RetentionPreview>;
    stocktake: { begin(repair: boolean): StocktakeReport; report(): StocktakeReport | null };
  },
  done: () => void,
): void {
  const { records, previewRetention, stocktake } = deps;
  app.route({
    method: 'GET',
    url: '/api/retention',
    config: { access: 'viewer', site: 'house' },
    schema: { tags, summary: 'What is removed by age', response: { 200: retentionSettings, ...problems } },
    handler: () => records.retentionSettings(),
  });

  app.route({
    method: 'PUT',
    url: '/api/retention',
    config: { access: 'admin', site: 'house' },
    schema: {
      tags,
      summary: 'Say what is removed by age; it begins within the hour. Look at the preview first',
      body: retentionSettings,
      response: { 200: retentionSettings, ...problems },
    },
    handler: (request) => records.setRetentionSettings(request.body),
  });

  app.route({
    method: 'POST',
    url: '/api/retention/preview',
    config: { access: 'viewer', audit: 'nothing', site: 'house' },
    schema: {
      tags,
      summary: 'What would go now with these settings; nothing changes',
      body: retentionSettings,
      response: { 200: retentionPreview, ...problems },
    },
    handler: (request) => previewRetention(request.body),
  });

  app.route({
    method: 'POST',
    url: '/api/stocktake',
    config: { access: 'admin', site: 'house' },
    schema: {
      tags,
      summary: 'Compare the records with the object store, both ways; without repair nothing changes',
      body: z.strictObject({ repair: z.boolean().default(false) }),
      response: { 202: stocktakeReport, ...problems },
    },
    handler: async (request, reply) => reply.code(202).send(stocktake.begin(request.body.repair)),
  });

  app.route({
    method: 'GET',
    url: '/api/stocktake',
    config: { access: 'viewer', site: 'house' },
    schema: {
      tags,
      summary: 'How the comparison of records and object store goes, or what the last one found; null: there was none',
      response: { 200: stocktakeReport.nullable(), ...problems },
    },
    handler: async () => stocktake.report(),
  });
  done();
}
