function evenSum(numbers) {
}
