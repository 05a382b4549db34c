import {
  type AlarmRuleChanges,
  type AlarmRulesView,
  alarmChange,
  alarmId,
  alarmQuery,
  alarmRuleChanges,
  alarmRulesView,
  alarmView,
  pageOf,
  siteId,
} from '@slowlight/protocol';
import { z } from 'zod';
import type { RequestAccess } from '../access.ts';
import type { AlarmDoor } from '../alarm-door.ts';
import { type Api, problems } from '../api.ts';
import type { HttpRecords } from '../deps.ts';
import { found } from '../given.ts';

const tags = ['alarms'];
const one = z.object({ id: alarmId });
const ofSite = z.object({ id: siteId });

/** What people should look at, and by which rules. */
export function alarmRoutes(
  app: Api,
  { records, alarms, access }: { records: HttpRecords; alarms: AlarmDoor; access: RequestAccess },
  done: () => void,
): void {
  app.route({
    method: 'GET',
    url: '/api/alarms',
    config: { access: 'viewer', site: 'seen' },
    schema: {
      tags,
      summary: 'Alarms, newest first; without `state` those that are open',
      querystring: alarmQuery,
      response: { 200: pageOf(alarmView), ...problems },
    },
    async handler(request) {
      const { items, next } = await records.alarms({ ...request.query, sites: access.sitesSeen(request) });
      return { items: items.map(alarms.view), next };
    },
  });

  app.route({
    method: 'GET',
    url: '/api/alarms/:id',
    config: { access: 'viewer' },
    schema: { tags, summary: 'An alarm', params: one, response: { 200: alarmView, ...problems } },
    handler: async (request) => alarms.view(found('alarm', await records.alarm(request.params.id))),
  });

  app.route({
    method: 'PATCH',
    url: '/api/alarms/:id',
    config: { access: 'operator' },
    schema: {
      tags,
      summary: 'Say that somebody knows (then it is told again only when it is over), or silence it until a moment',
      params: one,
      body: alarmChange,
      response: { 200: alarmView, ...problems },
    },
    async handler(request) {
      const identity = access.required(request);
      const by = identity.kind === 'user' ? identity.user.name : identity.token.name;
      return alarms.view(found('alarm', await records.changeAlarm(request.params.id, request.body, by)));
    },
  });

  async function rulesView(own: AlarmRuleChanges, above: AlarmRuleChanges = {}): Promise<AlarmRulesView> {
    return { own, inForce: alarms.rulesInForce(above, own) };
  }

  app.route({
    method: 'GET',
    url: '/api/alarm-rules',
    config: { access: 'viewer', site: 'house' },
    schema: {
      tags,
      summary: 'When there is an alarm, in the whole house',
      response: { 200: alarmRulesView, ...problems },
    },
    handler: async () => rulesView(await records.alarmRules('house')),
  });

  app.route({
    method: 'PUT',
    url: '/api/alarm-rules',
    config: { access: 'admin', site: 'house' },
    schema: {
      tags,
      summary: 'Set what differs from the rules that are built in; what is left out is as built in',
      body: alarmRuleChanges,
      response: { 200: alarmRulesView, ...problems },
    },
    async handler(request) {
      await records.setAlarmRules('house', request.body);
      alarms.lookAgain();
      return rulesView(request.body);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/sites/:id/alarm-rules',
    config: { access: 'viewer' },
    schema: {
      tags,
      summary: 'When there is an alarm at a site',
      params: ofSite,
      response: { 200: alarmRulesView, ...problems },
    },
    async handler(request) {
      const { id } = found('site', await records.site(request.params.id));
      return rulesView(await records.alarmRules(id), await records.alarmRules('house'));
    },
  });

  app.route({
    method: 'PUT',
    url: '/api/sites/:id/alarm-rules',
    config: { access: 'admin' },
    schema: {
      tags,
      summary: 'Set what differs at a site from the rules of the house; what is left out is as there',
      params: ofSite,
      body: alarmRuleChanges,
      response: { 200: alarmRulesView, ...problems },
    },
    async handler(request) {
      const { id } = found('site', await records.site(request.params.id));
      await records.setAlarmRules(id, request.body);
      alarms.lookAgain();
      return rulesView(request.body, await records.alarmRules('house'));
    },
  });
  done();
}
