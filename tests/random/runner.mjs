// @ts-check
// Programs that are run one after the other by something that is replaced when one of them takes too long.

/** @typedef {{code: number | string, printed: string}} Ran `code` is `trap` or `timeout` when it did not exit */

/**
 * A thread or a process that answers each message with what a program did.
 *
 * @typedef {object} Host
 * @property {(job: any) => void} send
 * @property {(answer: (ran: Ran) => void) => void} onAnswer for all answers from now on
 * @property {() => void} end
 */

export class Runner {
  /** @type {Promise<unknown>} */
  #last = Promise.resolve();
  /** @type {Host | undefined} */
  #host;
  /** @type {(ran: Ran) => void} */
  #answered = () => {};

  /** @param {() => Host} start */
  constructor(start) {
    this.start = start;
  }

  /**
   * @param {any} job
   * @param {number} milliseconds
   * @returns {Promise<Ran>}
   */
  run(job, milliseconds) {
    const result = this.#last.then(() => this.#runNow(job, milliseconds));
    this.#last = result;
    return result;
  }

  /** @type {Runner['run']} */
  #runNow(job, milliseconds) {
    return new Promise((resolve) => {
      if (!this.#host) {
        this.#host = this.start();
        this.#host.onAnswer((ran) => this.#answered(ran));
      }
      const timer = setTimeout(() => {
        this.end();
        this.#answered({ code: 'timeout', printed: '' });
      }, milliseconds);
      this.#answered = (ran) => {
        clearTimeout(timer);
        resolve(ran);
      };
      this.#host.send(job);
    });
  }

  /** Ends the host, so that the process may end. */
  end() {
    this.#host?.end();
    this.#host = undefined;
  }
}
