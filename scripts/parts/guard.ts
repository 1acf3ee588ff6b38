import { type ChildProcess, spawn } from 'node:child_process';

// Of POSIX's ways to say it, dash knows only this one for a group.
// Reads a pipe that only we hold the other end of: the kernel closes it when we're gone, however that came about.
const GUARD = `
read -r _
kill -s "$2" -- "-$1" 2>/dev/null || exit 0
n=0
while [ $n -lt 50 ] && kill -s 0 -- "-$1" 2>/dev/null; do sleep 0.1; n=$((n+1)); done
kill -s KILL -- "-$1" 2>/dev/null
`;

/**
 * Ends the process group that `pid` leads as soon as we're gone without having stopped it, even by `kill -9`:
 * first with `signal`, after five seconds with SIGKILL. Kill the guard when the group has ended in order.
 */
export function startGuard(pid: number, signal: NodeJS.Signals): ChildProcess {
  const guard = spawn('/bin/sh', ['-c', GUARD, 'smsk-guard', String(pid), signal.slice('SIG'.length)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
  });
  // Neither it nor its pipe may keep us running; when either breaks, the pid record is still there.
  guard.on('error', () => undefined);
  guard.stdin?.on('error', () => undefined);
  guard.unref();
  (guard.stdin as unknown as { unref?: () => void } | null)?.unref?.();
  return guard;
}
