/**
 * Calls `gone` when the parent process is dead. A killed tool notifies nobody, so this polls once a second: on Unix, an orphan gets another
 * parent; on Windows, the old process ID stays but no longer exists.
 */
export function watchParent(gone: () => void, parent = process.ppid, everyMs = 1000): () => void {
  const alive = () => {
    if (process.platform !== "win32" && process.ppid !== parent) return false;
    try {
      process.kill(parent, 0);
      return true;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === "EPERM";
    }
  };
  const timer = setInterval(() => {
    if (alive()) return;
    clearInterval(timer);
    gone();
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
