# Log-likelihood of level and 12 seasons (and slope) by R's KalmanLike and, where it is installed, KFAS, in one warm process.
# usage: Rscript kalman_by_r.R FILE ROUNDS   prints lines: states, program, log-likelihood, milliseconds of CPU (least of the rounds of five)
args <- commandArgs(TRUE)
y <- scan(args[1], quiet = TRUE)
rounds <- as.integer(args[2])
model <- function(slope) {
	n <- 12 + slope
	s <- 2 + slope
	t <- matrix(0, n, n)
	t[1, 1] <- 1
	if (slope) t[1, 2] <- t[2, 2] <- 1
	t[s, s:n] <- -1
	for (j in 1:10) t[s + j, s + j - 1] <- 1
	z <- rep(0, n)
	z[1] <- z[s] <- 1
	q <- rep(0, n)
	q[1] <- 0.25
	if (slope) q[2] <- 1e-4
	q[s] <- 0.01
	list(T = t, Z = z, h = 1, V = diag(q), a = rep(0, n), P = diag(100, n), Pn = t %*% diag(100, n) %*% t(t) + diag(q))
}
say <- function(states, program, once) {
	value <- once()
	seconds <- replicate(ceiling(rounds / 5), {
		start <- proc.time()
		for (i in 1:5) once()
		sum((proc.time() - start)[c("user.self", "sys.self")]) / 5
	})
	cat(states, program, sprintf("%.9f %.6f\n", value, min(seconds) * 1e3))
}
for (slope in 0:1) {
	m <- model(slope)
	# It predicts before it updates: from Pn at the first step, which is the start here.
	m$Pn <- diag(100, 12 + slope)
	say(12 + slope, "KalmanLike", function() {
		# Lik is half of log(mean v^2/F) + mean log F: what is needed of it is in s2
		l <- KalmanLike(y, m)
		n <- length(y)
		-0.5 * n * (log(2 * pi) + 2 * l$Lik - log(l$s2) + l$s2)
	})
	if (requireNamespace("KFAS", quietly = TRUE)) {
		r <- which(diag(m$V) > 0)
		k <- KFAS::SSModel(y ~ -1 + KFAS::SSMcustom(Z = matrix(m$Z, 1), T = m$T, R = diag(12 + slope)[, r], Q = m$V[r, r], a1 = m$a,
			P1 = m$Pn, P1inf = matrix(0, 12 + slope, 12 + slope)), H = matrix(1))
		say(12 + slope, "KFAS", function() logLik(k))
	}
}
