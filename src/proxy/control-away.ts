/** What a person reads while control cannot be asked, wherever on the way in that is found out. */
export const controlAway =
  "bascule: the bastion cannot decide just now (its control process is away); try again in a moment";
