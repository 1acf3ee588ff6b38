import { condition, defineQuery, defineUpdate, proxyActivities, setHandler } from '@temporalio/workflow';
import type { BareActivities } from './bare-activities';
import { BARE_QUEUES, type BareInput } from './bare-contract';

export const messageUpdate = defineUpdate<string, [string]>('message');
export const stageQuery = defineQuery<string>('stage');

const options = { startToCloseTimeout: '60 s', retry: { maximumAttempts: 1 } } as const;
const custody = proxyActivities<BareActivities>(options);
const platform = proxyActivities<BareActivities>({ ...options, taskQueue: BARE_QUEUES.platform });

/**
 * An activation that only does it: one activity for each of the product's provider calls and transactions, in the
 * same order and on the same two queues, an update for each message. No judgement, fence, ledger, proof of who
 * asks, search attribute, reminder, cancel or take-over.
 */
export async function bareActivation(input: BareInput): Promise<string> {
  let stage = 'entitlement';
  const inbox: { readonly action: string; isAnswered: boolean }[] = [];
  setHandler(messageUpdate, async (action) => {
    const message = { action, isAnswered: false };
    inbox.push(message);
    await condition(() => message.isAnswered);
    return stage;
  });
  setHandler(stageQuery, () => stage);
  /** Takes the next message, does its work, and answers it: after the work, except where the product too is early. */
  const next = async (work: () => Promise<void>, early = false): Promise<void> => {
    await condition(() => inbox.length > 0);
    const message = inbox.shift();
    if (message === undefined) throw new Error('no message');
    if (early) message.isAnswered = true;
    await work();
    message.isAnswered = true;
  };
  const insert = (type: string, nth = 0) => custody.insert({ run: input.run, type, nth });

  await insert('operation-opened');
  await insert('entitlement-confirmed');
  stage = 'setup';
  await next(() => insert('connection-submitted'));
  await custody.verify(input, 'verification-recorded');
  stage = 'dry-run';
  await next(() => custody.verify(input, 'dry-run-recorded'), true);
  stage = 'plan';
  await next(() => insert('dry-run-reviewed'));
  await next(() => insert('approval-accepted'));
  await next(() => insert('live-launched'));
  await platform.rewrap(input);
  await custody.mint(input);
  await insert('custody-switched');
  await platform.disable(input);
  for (let nth = 0; nth < 3; nth += 1) await platform.refuses(input, nth);
  await insert('platform-sealed');
  await insert('platform-envelopes-erased');
  await platform.scheduleDeletion(input);
  await insert('live-entered');
  stage = 'handoff';
  await next(() => insert('handoff-recorded'));
  return stage;
}
