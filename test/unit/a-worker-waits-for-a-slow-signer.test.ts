import { SignerUnavailable } from '../../ledger/signer-errors';
import type { LedgerDoor } from '../../store/ledger-door';
import { refuseIfBehind } from '../../workers/ledger-behind';

/** A door whose first looks fail. */
function failing(error: Error, times: number) {
  let looks = 0;
  const door = {
    closed: new Map(),
    look: async () => {
      looks += 1;
      if (looks <= times) throw error;
    },
  } as unknown as LedgerDoor;
  return { door, looks: () => looks };
}
const slow = new SignerUnavailable('no answer in time');

test('a worker that starts asks a slow signer again', async () => {
  const { door, looks } = failing(slow, 2);
  await refuseIfBehind(door, []);
  expect(looks()).toBe(3);
});

test('but doesn’t start where none answers', async () => {
  const { door, looks } = failing(slow, 9);
  await expect(refuseIfBehind(door, [])).rejects.toBe(slow);
  expect(looks()).toBe(3);
});

test('and asks nobody again for another reason', async () => {
  const error = new Error('a head that isn’t one');
  const { door, looks } = failing(error, 9);
  await expect(refuseIfBehind(door, [])).rejects.toBe(error);
  expect(looks()).toBe(1);
});
