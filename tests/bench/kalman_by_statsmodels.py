# Log-likelihood of level and 12 seasons (and slope) by statsmodels' Kalman filter, in one warm process.
# usage: kalman_by_statsmodels.py FILE ROUNDS   prints lines: states, program, log-likelihood, milliseconds of CPU (least of the rounds)
import sys
import time

import numpy as np
from statsmodels.tsa.statespace.kalman_filter import KalmanFilter


def model(y, slope):
    n, s = 12 + slope, 1 + slope
    t = np.zeros((n, n))
    t[0, 0] = 1
    if slope:
        t[0, 1] = t[1, 1] = 1
    t[s, s:] = -1
    for j in range(1, 11):
        t[s + j, s + j - 1] = 1
    z = np.zeros((1, n))
    z[0, 0] = z[0, s] = 1
    q = [0.25] + [1e-4] * slope + [0.01]
    r = np.zeros((n, len(q)))
    for j, state in enumerate([0] + [1] * slope + [s]):
        r[state, j] = 1
    k = KalmanFilter(1, n, k_posdef=len(q), design=z, transition=t, selection=r, state_cov=np.diag(q), obs_cov=np.eye(1))
    k.bind(y)
    k.initialize_known(np.zeros(n), 100 * np.eye(n))
    return k


y, rounds = np.loadtxt(sys.argv[1]), int(sys.argv[2])
for slope in (0, 1):
    for name in ("statsmodels", "statsmodels-univariate", "statsmodels-tolerance-0"):
        k = model(y, slope)
        k.filter_univariate = name == "statsmodels-univariate"
        if name == "statsmodels-tolerance-0":
            k.tolerance = 0
        value, spent = k.loglike(), []
        for _ in range(rounds):
            start = time.process_time()
            k.loglike()
            spent.append(time.process_time() - start)
        print(12 + slope, name, f"{value:.9f}", f"{min(spent) * 1e3:.6f}")
