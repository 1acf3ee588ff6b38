import { SignerUnavailable } from '../../ledger/signer-errors';
import { lookPatiently } from '../../store/ledger-door';

/** A door whose first looks fail. */
function failing(error: Error, times: number) {
  let looks = 0;
  const door = {
    look: async () => {
      looks += 1;
      if (looks <= times) throw error;
    },
  };
  return { door, looks: () => looks };
}
const slow = new SignerUnavailable('no answer in time');

test('a process that starts asks a slow signer again', async () => {
  const { door, looks } = failing(slow, 2);
  await lookPatiently(door);
  expect(looks()).toBe(3);
});

test('but doesn’t start where none answers', async () => {
  const { door, looks } = failing(slow, 9);
  await expect(lookPatiently(door)).rejects.toBe(slow);
  expect(looks()).toBe(3);
});

test('and asks nobody again for another reason', async () => {
  const error = new Error('a head that isn’t one');
  const { door, looks } = failing(error, 9);
  await expect(lookPatiently(door)).rejects.toBe(error);
  expect(looks()).toBe(1);
});
