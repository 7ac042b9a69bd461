/* The kitchen in plain C: what the bench measures the package's engine against.
 *
 * One home shelf per temp, modifier 1, and one overflow shelf that takes every temp. Decay law
 * linear or weighted; expired orders are removed; matched couriers; eager recall, first in; a
 * blocked newcomer is discarded, or, compiled with -DRULE=1 to 4, whoever of it and the orders on
 * overflow has the lowest score, the lower order index among equals. Nothing else is built, so
 * nothing is called through a pointer but a user's rule.
 *
 * Which slot of its shelf an order takes changes nothing. So a shelf is a count of free slots,
 * overflow also has a queue per temp, first in at the head, and the orders in the house stand in
 * one calendar of departures, whose length is at most the number of slots. There are two:
 *
 * - by scan (the default): unsorted, and every departure looks for the next one in all of it.
 *   The times are contiguous and padded with +inf, which the compiler turns into vector code;
 * - sorted (compiled with -DSORTED): the next departure is at the head, and a newcomer, which
 *   mostly leaves after the others, passes those that leave later, from the end. This one is
 *   faster: it has no chain of minima to wait for before the next event is known.
 *
 * Simultaneous events: expiry, then pickup, then arrival; within one kind the lower order index.
 */
#include <float.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#ifndef RULE
#define RULE 0
#endif
enum { NEWCOMER, RANDOM, LOWEST_VALUE, SOONEST_TO_EXPIRE, USER };

enum { DELIVERED, EXPIRED, DISCARDED, MOVES, COUNTS };

#define PICKUP ((int64_t)1 << 62)

typedef struct {
    double at_s;
    int64_t rank; /* the order, plus PICKUP if it leaves by pickup: expiries rank before pickups */
} Departure;

typedef struct {
    double since_s; /* when the order came to the shelf where it stands */
    double aged_s;  /* its age on the law's clock then: a * age + d * weighted age */
    double speed;   /* of that clock on this shelf: a + d * modifier */
    double life_s;  /* the age on that clock at which it expires */
#if RULE
    double expiry_s; /* when that is, if it stays on this shelf */
#endif
    int64_t temp;
    int64_t shelf;
    int64_t picked_up; /* whether it leaves by pickup, as things stand */
} Food;

typedef struct {
    int64_t *order;
    int64_t head, tail;
} Queue;

/* Leave a queue: who stands before it steps back. */
static inline void leave(Queue *q, int64_t gone)
{
    int64_t place = q->head, kept = q->order[place];
    while (kept != gone) {
        const int64_t next = q->order[++place];
        q->order[place] = kept;
        kept = next;
    }
    q->head++;
}

static inline double aged_s(const Food *food, double now_s)
{
    return food->aged_s + food->speed * (now_s - food->since_s);
}

/* How and when the food leaves if it stays where it is: expiry wins a tie. */
static inline Departure departure(Food *food, int64_t order, double pickup_s)
{
    const double left_s = food->life_s - food->aged_s;
    const double expiry_s = food->speed > 0.0 ? food->since_s + left_s / food->speed : INFINITY;
#if RULE
    food->expiry_s = expiry_s;
#endif
    food->picked_up = pickup_s < expiry_s;
    return food->picked_up ? (Departure){pickup_s, PICKUP | order} : (Departure){expiry_s, order};
}

#if RULE

/* A uniform number of one order at one decision, from the drawn numbers of both. */
static inline uint64_t mixed(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static inline double tie_breaker(double u, double trigger_u)
{
    const uint64_t own = (uint64_t)(u * 0x1p53) + 0x9E3779B97F4A7C15u;
    return (double)(mixed(mixed(own) ^ (uint64_t)(trigger_u * 0x1p53)) >> 11) * 0x1p-53;
}

/* A user's rule: a function of value and seconds to expiry, behind a pointer. */
static double users(double value, double expires_in_s) { return value * expires_in_s + 1.0; }
static double (*volatile user)(double, double) = users;

/* What a rule says of a candidate. */
static inline double score(const Food *food, double now_s, double u, double trigger_u,
                           double (*of_user)(double, double))
{
    const double left_s = food->expiry_s - now_s;
    if (RULE == RANDOM)
        return tie_breaker(u, trigger_u);
    if (RULE == SOONEST_TO_EXPIRE)
        return left_s > 0.0 ? left_s : 0.0;
    const double worth = 1.0 - aged_s(food, now_s) / food->life_s;
    if (RULE == LOWEST_VALUE)
        return worth > 0.0 ? worth : 0.0;
    return of_user(worth > 0.0 ? worth : 0.0, left_s > 0.0 ? left_s : 0.0);
}

#endif

/* A calendar has room for `slots` departures of the `orders` of a replication. It is empty when a
 * replication ends. next_s: the first departure, +inf if none. pop: take it out, return its order.
 * settle: an order that was to expire has moved and leaves later, unless it expires at now_s.
 * drop: an order that was discarded leaves no more. */
#ifdef SORTED

typedef struct {
    Departure *list; /* has a place for every order: it is walked through, not moved */
    int64_t head, tail;
} Calendar;

static int make(Calendar *c, size_t slots, size_t orders)
{
    (void)slots;
    c->list = malloc(orders * sizeof(Departure));
    return c->list != NULL;
}

static void discard(Calendar *c) { free(c->list); }

static inline void restart(Calendar *c) { c->head = c->tail = 0; }

static inline double next_s(const Calendar *c)
{
    return c->head < c->tail ? c->list[c->head].at_s : INFINITY;
}

static inline int before(Departure a, Departure b)
{
    return a.at_s < b.at_s || (a.at_s == b.at_s && a.rank < b.rank);
}

static inline void push(Calendar *c, int64_t order, Departure leaves)
{
    (void)order;
    int64_t place = c->tail++;
    for (; place > c->head && before(leaves, c->list[place - 1]); place--)
        c->list[place] = c->list[place - 1];
    c->list[place] = leaves;
}

static inline int64_t pop(Calendar *c) { return c->list[c->head++].rank & ~PICKUP; }

static inline void settle(Calendar *c, int64_t order, double now_s, Food *food, double pickup_s)
{
    int64_t place = c->head;
    while (c->list[place].rank != order)
        place++;
    if (c->list[place].at_s <= now_s)
        return;
    const Departure later = departure(food, order, pickup_s);
    for (; place + 1 < c->tail && before(c->list[place + 1], later); place++)
        c->list[place] = c->list[place + 1];
    for (; place > c->head && before(later, c->list[place - 1]); place--) /* rounding may hasten */
        c->list[place] = c->list[place - 1];
    c->list[place] = later;
}

static inline void drop(Calendar *c, int64_t order)
{
    int64_t place = c->tail - 1;
    while ((c->list[place].rank & ~PICKUP) != order)
        place--;
    c->tail--;
    for (; place < c->tail; place++)
        c->list[place] = c->list[place + 1];
}

#else

enum { LANES = 8, ALIGNED = 64 };

typedef struct {
    double *restrict at_s;   /* whole blocks of LANES; +inf past the last departure */
    int64_t *restrict rank;  /* beside it; INT64_MAX past the last departure */
    int64_t *restrict place; /* by order: where in the two */
    int64_t length;
    double next_s;
} Calendar;

static int make(Calendar *c, size_t slots, size_t orders)
{
    const size_t padded = (slots / LANES + 1) * LANES;
    c->at_s = aligned_alloc(ALIGNED, padded * sizeof(double));
    c->rank = aligned_alloc(ALIGNED, padded * sizeof(int64_t));
    c->place = malloc(orders * sizeof(int64_t));
    if (!c->at_s || !c->rank || !c->place)
        return 0;
    for (size_t i = 0; i < padded; i++) {
        c->at_s[i] = INFINITY;
        c->rank[i] = INT64_MAX;
    }
    return 1;
}

static void discard(Calendar *c)
{
    free(c->at_s);
    free(c->rank);
    free(c->place);
}

static inline void restart(Calendar *c)
{
    c->length = 0;
    c->next_s = INFINITY;
}

static inline double next_s(const Calendar *c) { return c->next_s; }

static inline void search(Calendar *c)
{
    const int64_t padded = (c->length + LANES - 1) / LANES * LANES;
    double first = INFINITY;
#pragma omp simd reduction(min : first)
    for (int64_t i = 0; i < padded; i++)
        first = c->at_s[i] < first ? c->at_s[i] : first;
    c->next_s = first;
}

static inline void push(Calendar *c, int64_t order, Departure leaves)
{
    c->at_s[c->length] = leaves.at_s;
    c->rank[c->length] = leaves.rank;
    c->place[order] = c->length++;
    c->next_s = leaves.at_s < c->next_s ? leaves.at_s : c->next_s;
}

static inline void drop(Calendar *c, int64_t order)
{
    const int64_t hole = c->place[order], last = --c->length;
    c->at_s[hole] = c->at_s[last];
    c->rank[hole] = c->rank[last];
    c->place[c->rank[last] & ~PICKUP] = hole;
    c->at_s[last] = INFINITY;
    c->rank[last] = INT64_MAX;
    search(c);
}

static inline int64_t pop(Calendar *c)
{
    const int64_t padded = (c->length + LANES - 1) / LANES * LANES;
    int64_t first = INT64_MAX; /* the lowest rank among those that leave next */
#pragma omp simd reduction(min : first)
    for (int64_t i = 0; i < padded; i++) {
        const int64_t rank = c->at_s[i] == c->next_s ? c->rank[i] : INT64_MAX;
        first = rank < first ? rank : first;
    }
    const int64_t order = first & ~PICKUP;
    drop(c, order);
    return order;
}

static inline void settle(Calendar *c, int64_t order, double now_s, Food *food, double pickup_s)
{
    const int64_t place = c->place[order];
    if (c->at_s[place] <= now_s)
        return;
    const Departure later = departure(food, order, pickup_s);
    c->at_s[place] = later.at_s;
    c->rank[place] = later.rank;
    search(c);
}

#endif

/* Simulate every replication, one after the other.
 *
 * first[replications + 1]: where each replication's orders begin in ready_s, pickup_s (seconds,
 * finite, >= 0), u (in [0, 1)) and item (a row of temp, shelf_life_s and decay_rate); ready_s never falls within
 * a replication. temp: codes 0 to temps - 1. capacity[temps]: of the homes. overflow_modifier >= 1:
 * no recall makes a pickup an expiry. age_weight: 1 for the law linear, 0 for weighted.
 *
 * Writes per order outcome, left_s, value, and counts[replications][COUNTS]: delivered, expired,
 * discarded, moves. Returns 0, or 1 if there is not enough memory.
 */
int simulate(int64_t replications, const int64_t *restrict first, const double *restrict ready_s,
             const double *restrict pickup_s, const double *restrict u, const int32_t *restrict item,
             const int64_t *restrict temp, const double *restrict shelf_life_s,
             const double *restrict decay_rate, int64_t temps, const int64_t *restrict capacity,
             int64_t overflow_capacity, double overflow_modifier, double age_weight,
             int8_t *restrict outcome, double *restrict left_s, double *restrict value,
             int64_t *restrict counts)
{
    size_t most = 1; /* orders in a replication */
    for (int64_t i = 0; i < replications; i++)
        if ((size_t)(first[i + 1] - first[i]) > most)
            most = (size_t)(first[i + 1] - first[i]);
    size_t slots = (size_t)overflow_capacity;
    for (int64_t k = 0; k < temps; k++)
        slots += (size_t)capacity[k];

    const int64_t overflow = temps; /* its place among the shelves */
    Calendar calendar = {0};
    const int made = make(&calendar, slots < most ? slots : most, most);
    Food *restrict food = malloc(most * sizeof(Food));
    int64_t *restrict room = malloc((size_t)(temps + 1) * sizeof(int64_t)); /* by shelf */
    Queue *restrict away = malloc((size_t)(temps + 1) * sizeof(Queue)); /* on overflow, by temp */
    int64_t *restrict queued = malloc((size_t)(temps + 1) * most * sizeof(int64_t));
    int status = 1;
    if (!made || !food || !room || !away || !queued)
        goto done;
    for (int64_t k = 0; k < temps; k++)
        away[k].order = queued + (size_t)k * most;

    for (int64_t i = 0; i < replications; i++) {
        const int64_t begin = first[i], orders = first[i + 1] - begin;
        int64_t count[COUNTS] = {0};
        restart(&calendar);
        for (int64_t k = 0; k < temps; k++) {
            room[k] = capacity[k];
            away[k].head = away[k].tail = 0;
        }
        room[overflow] = overflow_capacity;

        for (int64_t j = 0; j <= orders; j++) {
            /* Past the last arrival the house empties. */
            const double arrival_s = j < orders ? ready_s[begin + j] : DBL_MAX;

            while (next_s(&calendar) <= arrival_s) {
                const double now_s = next_s(&calendar);
                const int64_t gone = pop(&calendar);
                const Food *f = &food[gone];
                const double worth = 1.0 - aged_s(f, now_s) / f->life_s;
                outcome[begin + gone] = f->picked_up ? DELIVERED : EXPIRED;
                left_s[begin + gone] = now_s;
                value[begin + gone] = f->picked_up && worth > 0.0 ? worth : 0.0;
                count[f->picked_up ? DELIVERED : EXPIRED]++;

                Queue *q = &away[f->temp];
                if (f->shelf == overflow) {
                    leave(q, gone);
                    room[overflow]++;
                } else if (q->head < q->tail) { /* recall: the mover takes the freed slot */
                    const int64_t mover = q->order[q->head++];
                    Food *m = &food[mover];
                    m->aged_s = aged_s(m, now_s);
                    m->since_s = now_s;
                    m->speed = age_weight + decay_rate[item[begin + mover]];
                    m->shelf = m->temp;
                    room[overflow]++;
                    count[MOVES]++;
                    if (!m->picked_up) /* a pickup stays where it is, an expiry does not */
                        settle(&calendar, mover, now_s, m, pickup_s[begin + mover]);
                } else {
                    room[f->shelf]++;
                }
            }
            if (j == orders)
                break;

            const int64_t order = begin + j;
            const int32_t dish = item[order];
            const int64_t home = temp[dish];
            const int64_t shelf = room[home] > 0 ? home : overflow;
            const int waited_for = pickup_s[order] <= arrival_s; /* the courier was there first */
            const double modifier = shelf == overflow ? overflow_modifier : 1.0;
            Food fresh = {.since_s = arrival_s,
                          .speed = age_weight + decay_rate[dish] * modifier,
                          .life_s = shelf_life_s[dish],
                          .temp = home,
                          .shelf = shelf};
#if RULE
            int64_t chosen = j;
            if (!waited_for && room[shelf] == 0) {
                departure(&fresh, j, pickup_s[order]); /* for its expiry */
                double (*const of_user)(double, double) = user;
                double lowest = score(&fresh, arrival_s, u[order], u[order], of_user);
                for (int64_t k = 0; k < temps; k++)
                    for (int64_t place = away[k].head; place < away[k].tail; place++) {
                        const int64_t other = away[k].order[place];
                        const double own =
                            score(&food[other], arrival_s, u[begin + other], u[order], of_user);
                        const int wins = own < lowest || (own == lowest && other < chosen);
                        lowest = wins ? own : lowest;
                        chosen = wins ? other : chosen;
                    }
                if (chosen != j) {
                    const Food *f = &food[chosen];
                    const double worth = 1.0 - aged_s(f, arrival_s) / f->life_s;
                    outcome[begin + chosen] = DISCARDED;
                    left_s[begin + chosen] = arrival_s;
                    value[begin + chosen] = worth > 0.0 ? worth : 0.0;
                    count[DISCARDED]++;
                    leave(&away[f->temp], chosen);
                    drop(&calendar, chosen);
                    room[overflow]++;
                }
            }
#endif
            if (waited_for || room[shelf] == 0) {
                outcome[order] = waited_for ? DELIVERED : DISCARDED;
                left_s[order] = arrival_s;
                value[order] = 1.0;
                count[waited_for ? DELIVERED : DISCARDED]++;
                continue;
            }
            room[shelf]--;
            if (shelf == overflow)
                away[home].order[away[home].tail++] = j;
            const Departure leaves = departure(&fresh, j, pickup_s[order]);
            food[j] = fresh;
            push(&calendar, j, leaves);
        }
        for (int c = 0; c < COUNTS; c++)
            counts[i * COUNTS + c] = count[c];
    }
    status = 0;
done:
    discard(&calendar);
    free(food);
    free(room);
    free(away);
    free(queued);
    return status;
}
