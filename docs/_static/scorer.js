// What the search of the site ranks first. Sphinx gives a page the score of its best word and puts equals in
// the order of the alphabet; so first here is a heading that holds all of the question, then a page that has
// one of its words in a heading, and last what tells how kitchen is made.
const FOR_DEVELOPERS = /^(architecture|changelog|contributing|decisions\/)/;

var Scorer = {
  score: ([page, , , , score, , kind]) =>
    score
    + (kind === "title" ? 100 : 0)
    - (FOR_DEVELOPERS.test(page) ? 50 : 0),
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 60,
  partialTitle: 40,
  term: 20,
  partialTerm: 10,
};
